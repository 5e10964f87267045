import { isUtf8 } from 'node:buffer'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiffFile } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { renameOptions } from './counts.ts'
import { countPatch, splitPatch } from './patch.ts'
import { parseRawDiff, showPath, type RawChange } from './raw-diff.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** The files of a change and its unified patch, which `git apply` takes, binary files included. */
export interface ChangeDiff {
  readonly files: readonly DiffFile[]
  readonly patch: string
}

const STATUS: Readonly<Record<string, DiffFile['status']>> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', C: 'copied', T: 'type_changed' }

/** Returns the diff of a change from one call of git, found by object ids: it is the same for ever. */
export async function diff(vault: Vault, workDir: string, change: Change): Promise<ChangeDiff> {
  const output = await run(vault, change)
  const { changes, end } = parseRawDiff(output)
  // Raw entries and patch are separated by one more zero byte.
  const patch = output.subarray(end + 1)
  const sections = splitPatch(patch)
  if (sections.length !== changes.length) throw new TypeError(`git listed ${changes.length} files and printed the patches of ${sections.length}`)
  const files = changes.map((entry, index) => describe(entry, sections[index] ?? patch))
  return { files, patch: isUtf8(patch) ? patch.toString() : await printable(vault, workDir, change, { changes, sections }) }
}

function run(vault: Vault, { base, commit }: Change, config: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const args = ['-r', '-z', '--raw', '--patch', '--binary', '--full-index', ...renameOptions, '--src-prefix=a/', '--dst-prefix=b/', '--no-ext-diff', '--no-textconv', '--no-color', '--unified=3', '--diff-algorithm=myers', '--submodule=short']
  return vault.git(['diff-tree', ...args, base, commit], { config }).then(({ stdout }) => stdout)
}

function describe({ status, path, oldPath }: RawChange, section: Buffer): DiffFile {
  const lines = countPatch(section)
  return { path: showPath(path), oldPath: oldPath === undefined ? null : showPath(oldPath), status: STATUS[status] ?? 'modified', ...lines }
}

/**
 * A patch is handed on as text, and bytes that are no UTF-8 would be lost: those files are printed as binary, and
 * names with escapes, by saying so in an attributes file.
 */
async function printable(vault: Vault, workDir: string, change: Change, { changes, sections }: { readonly changes: readonly RawChange[]; readonly sections: readonly Buffer[] }): Promise<string> {
  return withWorkDir(workDir, async (dir) => {
    const paths = changes.flatMap(({ path, oldPath }, index) => (isUtf8(sections[index] ?? Buffer.alloc(0)) ? [] : [path, ...(oldPath === undefined ? [] : [oldPath])]))
    const attributes = join(dir, 'attributes')
    writeFileSync(attributes, paths.map((path) => `${attributesPattern(path)} -diff\n`).join(''))
    const output = await run(vault, change, { 'core.attributesFile': attributes, 'core.quotePath': 'true' })
    return output.subarray(parseRawDiff(output).end + 1).toString()
  })
}

/** Writes a path as a gitattributes pattern that matches nothing else: no byte of it is special. */
function attributesPattern(path: string): string {
  const globbed = `/${path.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}`
  const quoted = globbed.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[^\x20-\x7e]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return `"${quoted}"`
}
