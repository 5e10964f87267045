import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ControlError, count, hasCode, messageOf, nameUpTo5, quote, recordKinds, recordLayout, type RunId } from '@signalbox/core'
import { createGit, MINIMUM_GIT } from '@signalbox/git'
import { findLeftBehind, type Environment, type MemoryStore } from '@signalbox/memory'
import type { RunProgram } from '@signalbox/programs'
import { findOrSay, type DoctorLine, type Sandbox } from '@signalbox/orchestrator'
import { findStaleAnnouncement } from './stale-server.ts'

/** Diagnoses what only the parts themselves know: git, where state lies, and what the memory repo has not committed. */
export async function diagnoseParts({ memory, stateDir, env, active, sandbox, runProgram }: Looked): Promise<readonly DoctorLine[]> {
  return [
    await diagnoseGit(memory, env, runProgram),
    await diagnoseSandbox(sandbox),
    ...diagnoseState(stateDir),
    ...(await findOrSay('state', () => diagnoseLeftBehind(stateDir, memory.dir))),
    ...(await findOrSay('memory', () => diagnoseMemory(memory, { active, env, runProgram }))),
    ...(await findOrSay('server', () => findStaleAnnouncement(memory.dir, env))),
  ]
}

interface Looked {
  readonly memory: MemoryStore
  readonly stateDir: string
  readonly env: Environment
  readonly sandbox: Sandbox
  readonly runProgram: RunProgram
  /** Runs at work: their files are committed when they end. */
  readonly active: readonly RunId[]
}

async function diagnoseGit(memory: MemoryStore, env: Environment, runProgram: RunProgram): Promise<DoctorLine> {
  try {
    const { text } = await createGit({ env, runProgram })('source', ['--version'], { cwd: memory.dir })
    return { code: 'git', subject: 'git', state: 'ok', message: text.trim(), remedy: null }
  } catch (error) {
    return { code: 'git', subject: 'git', state: 'problem', message: messageOf(error), remedy: `Install git ${MINIMUM_GIT} or newer` }
  }
}

/** That there is none is no fault of this machine: only runs that ask for it need it, and those are refused. */
async function diagnoseSandbox(sandbox: Sandbox): Promise<DoctorLine> {
  const hindrance = await sandbox.findHindrance()
  if (hindrance === undefined) return { code: 'sandbox', subject: 'sandbox', state: 'ok', message: 'runs can be confined with --isolation sandbox', remedy: null }
  return { code: 'sandbox', subject: 'sandbox', state: 'ok', message: `--isolation sandbox is refused here: ${hindrance.because}`, remedy: hindrance.hint }
}

/** Workspaces inside a repository would inherit its ignore files, settings and agent instructions. */
function diagnoseState(stateDir: string): readonly DoctorLine[] {
  const outer = findRepositoryAbove(stateDir)
  if (outer === undefined) return []
  return [{ code: 'state_folder', subject: 'state', state: 'warning', message: `the state folder ${stateDir} lies inside the repository ${outer}`, remedy: 'Set SIGNALBOX_STATE to a folder outside every repository' }]
}

/** What this machine keeps of a memory repo lies by where that repo is. */
async function diagnoseLeftBehind(stateDir: string, memory: string): Promise<readonly DoctorLine[]> {
  return (await findLeftBehind(stateDir, memory)).map(({ state, path, runs }) => ({
    code: 'state_folder',
    subject: 'state',
    state: 'problem',
    message: `the workspaces and saved diffs of ${nameUpTo5(runs)} are kept in ${state} for a memory repo at ${path}, where none is any more`,
    remedy: `If that is this one, move it back there: mv ${quote(memory)} ${quote(path)}`,
  }))
}

function findRepositoryAbove(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const above = dirname(folder)
  return above === folder ? undefined : findRepositoryAbove(above)
}

async function diagnoseMemory(memory: MemoryStore, { active, env, runProgram }: Pick<Looked, 'active' | 'env' | 'runProgram'>): Promise<readonly DoctorLine[]> {
  if (await isManual(memory)) return [await diagnoseManual(memory, env, runProgram)]
  const isOfActive = (path: string): boolean => active.some((run) => path.startsWith(`runs/${run}/`))
  const pending = (await memory.pendingCommits()).filter(({ paths, tried }) => tried || !paths.every(isOfActive))
  if (pending.length === 0) return [{ code: 'memory_commits', subject: 'memory', state: 'ok', message: `${memory.dir}: every record is committed`, remedy: null }]
  return pending.map(({ paths, because }) => ({
    code: 'memory_commits',
    subject: 'memory',
    state: 'warning',
    message: `written but not committed: ${paths.slice(0, 5).join(', ')} (${because})`,
    remedy: 'Clear the cause; the next operation commits them, or commit them yourself',
    repair: () => commitQueued(memory, paths),
  }))
}

/** Settings that cannot be read are named elsewhere; while they cannot, what is written waits for its commit. */
async function isManual(memory: MemoryStore): Promise<boolean> {
  try {
    return (await memory.readConfig()).memory.commit === 'manual'
  } catch (error) {
    if (hasCode(error, 'config.invalid')) return false
    throw error
  }
}

/** Where our files lie in a memory repo, which may hold others. */
const PLACES = ['signalbox.yaml', 'runs', ...recordKinds.map((kind) => recordLayout[kind].folder)]

async function diagnoseManual({ dir }: MemoryStore, env: Environment, runProgram: RunProgram): Promise<DoctorLine> {
  const { text } = await createGit({ env, runProgram })('source', ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all', '--', ...PLACES], { cwd: dir })
  const open = text.split('\0').filter((entry) => entry !== '').length
  const message = `${dir}: commits are yours to make (memory.commit: manual), and ${open === 0 ? 'every record is committed' : `${count(open, 'file')} ${open === 1 ? 'is' : 'are'} not committed`}`
  return { code: 'memory_commits', subject: 'memory', state: 'ok', message, remedy: open === 0 ? null : `git -C ${quote(dir)} status` }
}

async function commitQueued(memory: MemoryStore, paths: readonly string[]): Promise<string> {
  await memory.commit('doctor: commit what was queued')
  const still = (await memory.pendingCommits()).find((pending) => pending.paths.some((path) => paths.includes(path)))
  if (still !== undefined) throw new ControlError('record.changed_underneath', `${still.paths.slice(0, 5).join(', ')} could not be committed: ${still.because}`, { hint: 'Clear the cause, or commit them yourself' })
  return `committed ${paths.slice(0, 5).join(', ')}`
}
