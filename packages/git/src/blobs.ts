import { ControlError, type Oid } from '@signalbox/core'
import type { GitHere } from './source-ref.ts'

/** Bytes that are asked for at once: a process for many small files, and never more in memory than one large one and this. */
const HELD_BYTES = 32 * 1024 * 1024

interface Named {
  readonly oid: Oid
}

/** Yields what was asked for, in its order, with the bytes of its blob: a process for all that are small, not one for each. */
export async function* readBlobs<T extends Named>(git: GitHere, wanted: readonly T[]): AsyncGenerator<readonly [T, Buffer]> {
  for (const group of groupBySize(wanted, await readSizes(git, wanted))) {
    const { stdout } = await git(['cat-file', '--batch'], { stdin: listOf(group) })
    yield* splitBatch(stdout, group)
  }
}

/** Returns how many bytes each of the blobs has, by id. */
export async function findSizes(git: GitHere, wanted: readonly Named[]): Promise<ReadonlyMap<Oid, number>> {
  const each = [...new Map(wanted.map((one) => [one.oid, one])).values()]
  const sizes = await readSizes(git, each)
  return new Map(each.map(({ oid }, index) => [oid, sizes[index] ?? 0]))
}

/** Returns the bytes of each blob, in the order asked. */
export async function readSizes(git: GitHere, wanted: readonly Named[]): Promise<readonly number[]> {
  if (wanted.length === 0) return []
  const { text } = await git(['cat-file', '--batch-check=%(objecttype) %(objectsize)'], { stdin: listOf(wanted) })
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, size] = /^blob (\d+)$/.exec(line) ?? []
      if (size === undefined) throw noBlob(line)
      return Number(size)
    })
}

function groupBySize<T>(wanted: readonly T[], sizes: readonly number[]): readonly (readonly T[])[] {
  const groups: T[][] = []
  let room = 0
  wanted.forEach((one, index) => {
    const size = sizes[index] ?? 0
    if (groups.length === 0 || size > room) {
      groups.push([])
      room = HELD_BYTES
    }
    groups.at(-1)?.push(one)
    room -= size
  })
  return groups
}

/** Each blob comes as a line with its id, type and size, its bytes, and a line end. */
function* splitBatch<T extends Named>(stdout: Buffer, group: readonly T[]): Generator<readonly [T, Buffer]> {
  let at = 0
  for (const one of group) {
    const end = stdout.indexOf(0x0a, at)
    const head = stdout.toString('latin1', at, end)
    const [oid, type, size] = head.split(' ')
    if (oid !== one.oid || type !== 'blob') throw noBlob(head)
    at = end + 1 + Number(size)
    if (at >= stdout.length) throw noBlob(`${head}, and not all of it`)
    yield [one, stdout.subarray(end + 1, at)]
    at += 1
  }
}

function listOf(wanted: readonly Named[]): string {
  return wanted.map(({ oid }) => `${oid}\n`).join('')
}

/** Builds the fault for an answer of git that is not the file it was asked for. */
export function noBlob(said: string): ControlError {
  return new ControlError('git.command_failed', `git cat-file did not answer with a file: ${said.slice(0, 100)}`, { hint: 'Run `signalbox doctor` to check the repository' })
}
