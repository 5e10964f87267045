import { lstatSync, opendirSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError, messageOf, recordLayout, type Quarantined, type RecordKind } from '@signalbox/core'
import { errnoOf } from './disk-error.ts'

/** Returns the files of a kind's folder that may be records, in order of path, and what is wrong with the folder itself. */
export function readFolder(dir: string, kind: RecordKind): { readonly paths: readonly string[]; readonly quarantined: readonly Quarantined[] } {
  const quarantined: Quarantined[] = []
  const paths = [...walkFolder(dir, kind, (problem) => quarantined.push(problem))].toSorted(byText)
  return { paths, quarantined }
}

/**
 * Yields the same in no order, one at a time: there may be a hundred thousand, and a list of them made for every look stays with the
 * process for long. Says to `told` what is wrong with the folder itself.
 * @throws ControlError `memory.not_found`
 */
export function* walkFolder(dir: string, kind: RecordKind, told: (problem: Quarantined) => void = () => undefined): Generator<string, void> {
  const { folder } = recordLayout[kind]
  try {
    if (lstatSync(join(dir, folder)).isSymbolicLink()) told({ path: folder, line: null, reason: 'is a symbolic link; records lie in a plain folder' })
    else yield* walkFiles(dir, folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') assertMemory(dir)
    else told({ path: folder, line: null, reason: `cannot be read: ${messageOf(error)}` })
  }
}

function* walkFiles(dir: string, folder: string): Generator<string, void> {
  const opened = opendirSync(join(dir, folder))
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      if (!entry.name.startsWith('.') && /\.md$/i.test(entry.name)) yield `${folder}/${entry.name}`
    }
  } finally {
    opened.closeSync()
  }
}

/** Throws unless the memory repo itself is there: only then does a missing folder mean that there are no records. @throws ControlError `memory.not_found` */
export function assertMemory(dir: string): void {
  try {
    lstatSync(join(dir, 'signalbox.yaml'))
  } catch (cause) {
    throw new ControlError('memory.not_found', `There is no memory repo at ${dir} (no signalbox.yaml)`, { hint: 'Name one with --memory, or make one with `signalbox init DIR`', cause })
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
