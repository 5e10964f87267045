import { lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import type { Checkout } from './checkout.ts'

/** One change of a known text: plain data, found and put in as it is. */
export interface Edit {
  readonly path: string
  readonly find: string
  readonly replace: string
}

/** Returns a file's text, or `undefined` when there is no plain file of that path inside the checkout. */
export function readText(checkout: Checkout, path: string): string | undefined {
  const file = placeInside(checkout, path)
  return file !== undefined && isPlainFile(file) ? readFileSync(file, 'utf8') : undefined
}

/** Tells whether every edit finds its text exactly once. */
export function canApply(checkout: Checkout, edits: readonly Edit[]): boolean {
  return edits.every(({ path, find }) => readText(checkout, path)?.split(find).length === 2)
}

/** Makes one edit; the text must be there exactly once. */
export function applyEdit(checkout: Checkout, { path, find, replace }: Edit): void {
  const parts = readText(checkout, path)?.split(find) ?? []
  if (parts.length !== 2) throw new Error(`${checkout.name}/${path} does not hold the text to change exactly once`)
  writeText(checkout, path, parts.join(replace))
}

/** Writes a file whole, by a temporary name, so that a kill leaves the old or the new one and a link is replaced, not followed. */
export function writeText(checkout: Checkout, path: string, text: string): void {
  const file = placeInside(checkout, path)
  if (file === undefined) throw new Error(`${path} does not lie inside ${checkout.name}`)
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.draft-${process.pid}`
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Returns the place of `path`; `undefined` when a link among its folders leads out of the checkout. */
function placeInside(checkout: Checkout, path: string): string | undefined {
  const file = join(checkout.path, path)
  return isInside(checkout.path, nearestRealFolder(dirname(file))) ? file : undefined
}

function nearestRealFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return nearestRealFolder(dirname(folder))
  }
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}

function isPlainFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
