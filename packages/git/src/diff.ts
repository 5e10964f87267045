import { isUtf8 } from 'node:buffer'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiffFile } from '@signalbox/core'
import { escapeGlob, quotePattern } from './attributes.ts'
import type { Change } from './change-list.ts'
import { renameOptions } from './counts.ts'
import { countPatch, splitPatch, type PatchLines } from './patch.ts'
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
  const output = await readPatch(vault, change, ['--binary'])
  const { changes, end } = parseRawDiff(output)
  // Raw entries and patch are separated by one more zero byte.
  const patch = output.subarray(end + 1)
  const patched = pair(changes, splitPatch(patch))
  const files = patched.map(describe)
  return { files, patch: isUtf8(patch) ? patch.toString() : await printable(vault, workDir, change, patched) }
}

/** An entry of the raw list and its parts of the patch. */
export interface PatchedFile {
  readonly entry: RawChange
  readonly sections: readonly Buffer[]
}

/** Git prints both lists in one order; a change of type, say from file to link, is printed as a removal and an addition. */
export function pair(changes: readonly RawChange[], sections: readonly Buffer[]): readonly PatchedFile[] {
  let next = 0
  const patched = changes.map((entry) => ({ entry, sections: sections.slice(next, (next += entry.status === 'T' ? 2 : 1)) }))
  if (next !== sections.length) throw new TypeError(`git listed files for ${next} parts of a patch and printed ${sections.length}`)
  return patched
}

/** Returns the raw list of a change and its patch, the same for ever: no setting, attribute or program has a say. */
export function readPatch(vault: Vault, { base, commit }: Change, more: readonly string[], config: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const args = ['-r', '-z', '--raw', '--patch', ...more, '--full-index', ...renameOptions, '--src-prefix=a/', '--dst-prefix=b/', '--no-ext-diff', '--no-textconv', '--no-color', '--unified=3', '--diff-algorithm=myers', '--submodule=short']
  return vault.git(['diff-tree', ...args, base, commit], { config }).then(({ stdout }) => stdout)
}

function describe({ entry: { status, path, oldPath }, sections }: PatchedFile): DiffFile {
  const counts = sections.map(countPatch)
  const sum = (key: keyof PatchLines): number | null => counts.reduce<number | null>((total, lines) => (total === null || lines[key] === null ? null : total + lines[key]), 0)
  return {
    path: showPath(path),
    oldPath: oldPath === undefined ? null : showPath(oldPath),
    status: STATUS[status] ?? 'modified',
    insertions: sum('insertions'),
    deletions: sum('deletions'),
  }
}

/**
 * A patch is handed on as text, and bytes that are no UTF-8 would be lost: those files are printed as binary, and
 * names with escapes, by saying so in an attributes file.
 */
async function printable(vault: Vault, workDir: string, change: Change, patched: readonly PatchedFile[]): Promise<string> {
  return withWorkDir(workDir, async (dir) => {
    const paths = patched.flatMap(({ entry: { path, oldPath }, sections }) => (sections.every((section) => isUtf8(section)) ? [] : [path, ...(oldPath === undefined ? [] : [oldPath])]))
    const attributes = join(dir, 'attributes')
    writeFileSync(attributes, paths.map((path) => `${quotePattern(`/${escapeGlob(path)}`)} -diff\n`).join(''))
    const output = await readPatch(vault, change, ['--binary'], { 'core.attributesFile': attributes, 'core.quotePath': 'true' })
    return output.subarray(parseRawDiff(output).end + 1).toString()
  })
}
