import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { indexPatch, type PatchIndex } from '../../apps/web/src/review/patch-index.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, git, makeRepository } from '../repository.ts'
import type { Row } from '../row.ts'

const megabyte = 1_000_000

/** The table that a review keeps over a patch, against the `git diff` that prints it. */
export async function parsePatch(folder: string, changed: number): Promise<Row> {
  const { print, patch } = makePatch(folder, changed)
  const paired = await measurePaired(15, { prepare: () => undefined, run: () => void indexPatch(patch) }, { prepare: () => undefined, run: () => void print() })
  return { name: `table of a patch of ${changed} files`, floor: 'one git diff', goal: 0.035, paired }
}

/** What a review keeps in memory of a patch: the table, and the patch it points into. */
export async function patchMemory(folder: string, changed: number): Promise<Row> {
  const { patch } = makePatch(folder, changed)
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const kept: PatchIndex[] = []
  const measure = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  // The first ones leave compiled code behind, and what else is let go of meanwhile is no less of a table: the middle of many is one.
  const sizes = Array.from({ length: 15 }, () => {
    const before = measure()
    kept.push(indexPatch(patch))
    return measure() - before + patch.length
  })
  return { name: `memory of that, and the patch (${changed} files, ${kept.length} tables)`, floor: 'the patch', goal: 1.5, unit: 'MB', paired: { ours: sizes.map((size) => size / megabyte), floor: sizes.map(() => patch.length / megabyte) } }
}

function makePatch(folder: string, changed: number): { readonly print: () => string; readonly patch: string } {
  const source = makeRepository(join(folder, 'source'), changed)
  editFiles(source, Array.from({ length: changed }, (_, index) => index), 'changed')
  const print = (): string => git(source, ['diff'])
  return { print, patch: print() }
}
