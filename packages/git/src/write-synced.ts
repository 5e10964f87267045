import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file that is on disk when this returns, whole or not at all. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const temp = `${path}.${randomUUID()}`
  await mkdir(dirname(path), { recursive: true })
  await writeNew(temp, text)
  await rename(temp, path)
  await syncFolder(dirname(path))
}

/** Writes a file where none is; its content is on disk when this returns, its name once its folder is. */
export async function writeNew(path: string, content: string | Buffer, mode?: number): Promise<void> {
  await synced(path, 'wx', (file) => file.writeFile(content), mode)
}

/** Makes what was renamed into a folder last through a power cut. Windows cannot open folders and needs no such thing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform !== 'win32') await synced(path, 'r')
}

async function synced(path: string, flags: string, work: (file: FileHandle) => Promise<void> = async () => {}, mode?: number): Promise<void> {
  const file = await open(path, flags, mode)
  try {
    await work(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
