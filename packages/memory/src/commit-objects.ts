import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cQuote } from './c-quote.ts'
import type { GitPlaces } from './commit-facts.ts'
import { syncFolder } from './file-write.ts'

/**
 * New objects on their way into the store of the memory repo. Git writes each under a temporary name first; a kill
 * leaves that lying in the human's store for weeks, so it is written in a git directory of ours beside it.
 */
export interface NewObjects {
  /** Variables that make a git command write there, refs included, and read everything of the store. */
  readonly variables: Readonly<Record<string, string>>
  /** Moves what is whole into the store; a power cut afterwards loses nothing of it. */
  publish(): Promise<void>
}

/** How the folders of ours beside the store are called. */
const PREFIX = 'signalbox-objects-'

/** Runs `work` with new objects for the store of `places`; what it or a killed one before did not publish is thrown away. The caller is the only one who commits. */
export async function withNewObjects<T>({ objects, objectFormat }: Pick<GitPlaces, 'objects' | 'objectFormat'>, work: (made: NewObjects) => Promise<T>): Promise<T> {
  const place = dirname(objects)
  // Each has a name of its own: the git of a killed process may still write while the next commit is made.
  for (const left of readdirSync(place).filter((name) => name.startsWith(PREFIX))) remove(join(place, left))
  const folder = mkdtempSync(join(place, PREFIX))
  try {
    const made = createGitDir(folder, objectFormat)
    // It is a list of folders: in quotes a colon is part of a name.
    return await work({ variables: { GIT_DIR: folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: cQuote(objects) }, publish: () => publish(made, objects) })
  } finally {
    remove(folder)
  }
}

/** Tries again where somebody put another file in meanwhile. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Makes the least that git takes for a bare repository, and returns its store. `git init` would be one process more. */
function createGitDir(folder: string, objectFormat: string): string {
  const store = join(folder, 'objects')
  for (const path of [store, join(folder, 'refs')]) mkdirSync(path)
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n')
  writeFileSync(join(folder, 'config'), `[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = ${objectFormat}\n`)
  return store
}

async function publish(made: string, objects: string): Promise<void> {
  for (const name of readdirSync(made).filter((each) => /^[0-9a-f]{2}$/.test(each))) {
    const store = join(objects, name)
    mkdirSync(store, { recursive: true })
    const whole = readdirSync(join(made, name)).filter((file) => /^[0-9a-f]+$/.test(file))
    // One that is there has the same bytes, its name being their hash.
    for (const file of whole) if (!existsSync(join(store, file))) renameSync(join(made, name, file), join(store, file))
    await syncFolder(store)
  }
  await syncFolder(objects)
}
