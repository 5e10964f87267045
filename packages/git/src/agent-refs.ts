import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError, parseOid, type Oid } from '@signalbox/core'
import { RUN_WORKTREE } from './agent-dirs.ts'
import { isMissing, readPlain } from './git-dir.ts'
import { namesIn } from './names-in.ts'

/** A ref of a run's git directory. */
export interface AgentRef {
  readonly name: string
  readonly oid: Oid
}

/**
 * Lists what keeps commits in the worktrees of a run's git directory: refs of their own, as those of a bisect, and HEADs
 * that are on no branch, other than that of the run's checkout.
 * @throws ControlError `git.command_failed` for one that cannot be read
 */
export function listWorktreeRefs(gitDir: string): readonly AgentRef[] {
  return namesIn(join(gitDir, 'worktrees')).flatMap((name) => {
    const folder = `worktrees/${name}`
    const head = name === RUN_WORKTREE ? [] : [`${folder}/HEAD`]
    return [...head, ...namesBelow(gitDir, `${folder}/refs`)].flatMap((ref) => toRef(ref, textOf(join(gitDir, ref)).trim()))
  })
}

/**
 * Lists the refs of a run's git directory, read as plain files: no git of ours is started on it. Symbolic ones are
 * left out, for what they lead to is listed.
 * @throws ControlError `git.command_failed` for one that cannot be read: what it kept is then unknown
 */
export function listRefs(gitDir: string): readonly AgentRef[] {
  const loose = namesBelow(gitDir, 'refs').flatMap((name) => toRef(name, textOf(join(gitDir, name)).trim()))
  const known = new Set(loose.map(({ name }) => name))
  return [...loose, ...listPacked(gitDir).filter(({ name }) => !known.has(name))]
}

function listPacked(gitDir: string): readonly AgentRef[] {
  const lines = (readPlain(join(gitDir, 'packed-refs'))?.toString('latin1') ?? '').split('\n')
  return lines.filter((line) => line !== '' && !/^[#^]/.test(line)).flatMap((line) => toRef(line.slice(line.indexOf(' ') + 1), line.split(' ')[0] ?? ''))
}

function toRef(name: string, text: string): readonly AgentRef[] {
  if (text.startsWith('ref: ')) return []
  const oid = parseOid(text)
  if (oid === undefined) throw unreadable(name)
  return [{ name, oid }]
}

function textOf(path: string): string {
  const bytes = readPlain(path)
  if (bytes === undefined) throw unreadable(path)
  return bytes.toString('latin1')
}

function namesBelow(gitDir: string, folder: string): readonly string[] {
  try {
    return readdirSync(join(gitDir, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = `${folder}/${entry.name}`
      return entry.isDirectory() ? namesBelow(gitDir, name) : name.endsWith('.lock') ? [] : [name]
    })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function unreadable(name: string): ControlError {
  return new ControlError('git.command_failed', `The ref ${name} of the run's own git directory cannot be read`, { hint: 'Look at it, and delete it there if it keeps nothing' })
}
