import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Text or bytes, an executable, a symlink, or null to delete. */
export type FileContent = string | Buffer | { readonly executable: string } | { readonly link: string } | null

/** Paths relative to a folder and what lies there. */
export type Files = Readonly<Record<string, FileContent>>

/** Writes, replaces or deletes files below `folder`. */
export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    rmSync(path, { recursive: true, force: true })
    if (content === null) continue
    mkdirSync(dirname(path), { recursive: true })
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(path, content)
    else if ('link' in content) symlinkSync(content.link, path)
    else {
      writeFileSync(path, content.executable)
      chmodSync(path, 0o755)
    }
  }
}
