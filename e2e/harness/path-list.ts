import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Objects and packs whose names git made from their bytes: finished ones, of which more may lie there at any time. */
const finished = /(^|\/)objects\/([0-9a-f]{2}(\/[0-9a-f]{38})?|pack(\/pack-[0-9a-f]{40}\.(pack|idx|rev))?)$/

/** Lists every file and folder below some folders, finished objects of git left out, with `<oid>` for names that differ each time. */
export function listPaths(root: string, folders: readonly string[]): ReadonlySet<string> {
  const paths = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => relative(root, join(folder, name))))
  return new Set(paths.filter((path) => !finished.test(path)).map((path) => path.replaceAll(/[0-9a-f]{40}/g, '<oid>')))
}
