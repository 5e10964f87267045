import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file that is on disk when this returns, whole or not at all. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const temp = `${path}.${randomUUID()}`
  await mkdir(dirname(path), { recursive: true })
  await synced(temp, 'wx', (file) => file.writeFile(text))
  await rename(temp, path)
  if (process.platform !== 'win32') await synced(dirname(path), 'r')
}

async function synced(path: string, flags: string, work: (file: FileHandle) => Promise<void> = async () => {}): Promise<void> {
  const file = await open(path, flags)
  try {
    await work(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
