import { createHash } from 'node:crypto'
import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { isMissing } from './git-dir.ts'

/** Names that one walk looks at, and how deep; what lies beyond stands together under one name. */
export interface WalkBounds {
  readonly names: number
  readonly depth: number
}

/** Those of what lies in a git directory. */
export const gitDirBounds: WalkBounds = { names: 20_000, depth: 8 }

type Entries = readonly (readonly [name: string, id: string])[]

export interface Walked {
  /** Everything that is no folder, by its name below the one above. */
  readonly files: readonly string[]
  /** One entry that stands for all beyond the bounds; empty within them. */
  readonly more: Entries
}

/** Lists what lies in a folder below another one, such as a git directory, and in the folders there. Links are not followed. */
export function walk(above: string, folder: string, bounds: WalkBounds): Walked {
  const { found, more } = descend({ above, folder, bounds }, (name, entries) => ({ found: entries.filter((entry) => !entry.isDirectory()).map((entry) => `${name}/${entry.name}`), into: entries.filter((entry) => entry.isDirectory()) }))
  return { files: found, more }
}

/** Lists the git directories of submodules, by their names below the common one; names of submodules may have slashes. */
export function listModules(commonDir: string): { readonly gitDirs: readonly string[]; readonly more: Entries } {
  const { found, more } = descend({ above: commonDir, folder: 'modules', bounds: gitDirBounds }, (name, entries) => {
    // One that is being made, by git or by an agent for git to find, may have only the second.
    const isGitDir = entries.some(({ name: file }) => file === 'HEAD' || file === 'config')
    return { found: isGitDir ? [name] : [], into: entries.filter((entry) => entry.isDirectory() && (!isGitDir || entry.name === 'modules')) }
  })
  return { gitDirs: found, more }
}

type Look = (name: string, entries: readonly Dirent[]) => { readonly found: readonly string[]; readonly into: readonly Dirent[] }

interface Walk {
  readonly above: string
  readonly folder: string
  readonly bounds: WalkBounds
}

function descend({ above, folder, bounds }: Walk, look: Look): { readonly found: readonly string[]; readonly more: Entries } {
  const [found, beyond]: [string[], string[]] = [[], []]
  let room = bounds.names
  const visit = (name: string, depth: number): void => {
    const entries = room < 0 || depth > bounds.depth ? undefined : listEntries(join(above, name))
    room -= entries?.length ?? 0
    if (entries === undefined || room < 0) {
      beyond.push(name)
      return
    }
    const { found: here, into } = look(name, entries)
    found.push(...here)
    for (const entry of into) visit(`${name}/${entry.name}`, depth + 1)
  }
  visit(folder, 0)
  return { found, more: beyond.length === 0 ? [] : [[`${folder}/ (more)`, createHash('sha1').update(beyond.join('\0')).digest('hex')]] }
}

function listEntries(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
