import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder } from './file-write.ts'

/**
 * New objects on their way into the store of the memory repo. Git writes each under a temporary name first; a kill
 * leaves that lying in the human's store for weeks, so it is written in a folder of ours beside it.
 */
export interface NewObjects {
  /** Variables that make a git command write there and read everything. */
  readonly variables: Readonly<Record<string, string>>
  /** Moves what is whole into the store; a power cut afterwards loses nothing of it. */
  publish(): Promise<void>
}

/** Runs `work` with new objects for the store at `objects`; what it or a killed one before did not publish is thrown away. The caller is the only one who commits. */
export async function withNewObjects<T>(objects: string, work: (made: NewObjects) => Promise<T>): Promise<T> {
  const folder = join(dirname(objects), 'signalbox-objects')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  try {
    return await work({ variables: { GIT_OBJECT_DIRECTORY: folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: quote(objects) }, publish: () => publish(folder, objects) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function publish(folder: string, objects: string): Promise<void> {
  for (const name of readdirSync(folder).filter((each) => /^[0-9a-f]{2}$/.test(each))) {
    const store = join(objects, name)
    mkdirSync(store, { recursive: true })
    const whole = readdirSync(join(folder, name)).filter((file) => /^[0-9a-f]+$/.test(file))
    // One that is there has the same bytes, its name being their hash.
    for (const file of whole) if (!existsSync(join(store, file))) renameSync(join(folder, name, file), join(store, file))
    await syncFolder(store)
  }
  await syncFolder(objects)
}

/** As git reads a list of folders: in quotes a colon is part of the name. */
function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
