import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { borrowedList } from './borrowed.ts'
import type { Git } from './exec.ts'
import { alternatesLine, readCommonDir, readGitDir, readIfThere, readObjectStores } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { gitInSource, gitInVault, gitOverObjects, type GitHere, type SourceRef } from './source-ref.ts'

/** Our own bare repository beside one source: snapshots live in it, objects of the source are borrowed. */
export interface Vault {
  readonly dir: string
  readonly git: GitHere
  /** Returns git over the same objects, with the settings and attributes of another git directory of ours. */
  readonly through: (gitDir: string) => GitHere
  /** Object folders of the source. */
  readonly sources: readonly string[]
  /** Folder, on the same disk, for what is thrown away at the end of a call. */
  readonly work: string
}

export interface Vaults {
  /** Returns the vault of a source, made at the first call. */
  open(source: SourceRef): Promise<Vault>
}

/**
 * Attributes decide which programs git runs and which bytes it stores. The ones of an agent's tree must not, and
 * this file wins over every other.
 */
const NEUTRAL_ATTRIBUTES = '* -text -crlf -eol -ident -filter !working-tree-encoding !merge\n'

/** Creates the vaults below one state folder. */
export function createVaults(git: Git, layout: Layout): Vaults {
  const opened = new Set<string>()
  return {
    async open(source) {
      const dir = layout.vault(source.repo)
      const vault = { dir, git: gitInVault(git, dir), through: (gitDir: string) => gitOverObjects(git, gitDir, join(dir, 'objects')), sources: storesOf(source), work: layout.work }
      const key = `${dir}\0${source.path}`
      if (opened.has(key)) return vault
      if (!existsSync(dir)) await createVault(git, source, dir)
      await borrowFrom(source, dir)
      opened.add(key)
      return vault
    },
  }
}

/** Makes it under another name first: a killed creation leaves no half a vault behind. */
async function createVault(git: Git, source: SourceRef, dir: string): Promise<void> {
  const half = `${dir}.${randomUUID()}.half`
  await mkdir(dirname(dir), { recursive: true })
  await initVault(git, source, half)
  await mkdir(join(half, 'info'), { recursive: true })
  await mkdir(join(half, 'objects', 'info'), { recursive: true })
  await writeFile(join(half, 'info', 'attributes'), NEUTRAL_ATTRIBUTES)
  await rename(half, dir).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true })
    if (!existsSync(dir)) throw error // else another process of ours was quicker, and its vault is as good
  })
}

/** Makes an empty bare repository whose objects are named as those of a source are. */
export async function initVault(git: Git, source: SourceRef, dir: string): Promise<void> {
  const format = (await gitInSource(git, source.path)(['rev-parse', '--show-object-format'])).text.trim()
  await git('vault', ['init', '--quiet', '--bare', '--template=', '--initial-branch=none', `--object-format=${format}`, dir], {
    cwd: dirname(dir),
    env: { GIT_DEFAULT_REF_FORMAT: 'files' }, // we write some refs ourselves
  })
}

/** Adds the source's objects to those the vault reads; folders of an earlier place of the source stay listed. */
async function borrowFrom(source: SourceRef, dir: string): Promise<void> {
  const file = borrowedList(join(dir, 'objects'))
  const listed = new Set((readIfThere(file) ?? '').split('\n').map((line) => `${line}\n`))
  const missing = storesOf(source)
    .map(alternatesLine)
    .filter((line) => !listed.has(line))
  if (missing.length > 0) await appendFile(file, missing.join(''))
}

/** Returns the object folders of a source that a git directory of ours has to borrow from. */
export function storesOf(source: SourceRef): readonly string[] {
  return readObjectStores(readCommonDir(readGitDir(source.path)))
}
