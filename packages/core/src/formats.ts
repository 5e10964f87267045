import { ControlError } from './errors.ts'
import type { Run } from './run.ts'

/**
 * The version of each format that this program reads and writes. What is not named here is named by what it lies in: records
 * and packets by the settings, everything of the state folder that has no `format` of its own by the state folder.
 * The index has versions of its own, for it is made again and never read across them.
 */
export const formats = {
  /** `format` in `signalbox.yaml`. */
  memory: 1,
  /** `format` in `memory.json` of the state folder; absent there means 1. */
  state: 1,
  /** `format` of each line in the log of a run. */
  event: 1,
  /** The same of those lines that say what the first format cannot: that an agent's commits are kept, what was seen beside the repos of a run or before its end, and that a file was not saved for its name. */
  laterEvent: 2,
  /** `format` of each line in the review of a run. */
  review: 1,
  /** `format` of the journal of a landing or undo. */
  journal: 1,
} as const

/** Returns the refusal of something in a newer format: where it is, which format it has, which one this program knows, and what to do. */
export function newerFormat(where: string, found: number, known: number): ControlError {
  return new ControlError('format.newer', `${where} has format ${found}; this version of Signalbox knows format ${known} and changes nothing here`, {
    hint: 'Update Signalbox. Until then everything can be read, and nothing is written',
    data: { format: found, known },
  })
}

/** Refuses a JSON value whose `format` is newer than the one that is known. @throws ControlError `format.newer` */
export function refuseNewer(where: string, value: unknown, known: number): void {
  if (typeof value !== 'object' || value === null || !('format' in value)) return
  if (typeof value.format === 'number' && value.format > known) throw newerFormat(where, value.format, known)
}

/** Returns what a run holds that a newer version wrote, as a sentence; undefined when this version knows all of it. */
export function sayUnknown({ id, unknown }: Pick<Run, 'id' | 'unknown'>): string | undefined {
  const [first] = unknown
  if (first === undefined) return undefined
  const more = unknown.length === 1 ? '' : ` and ${unknown.length - 1} more after it`
  return `The log of ${id} has an event that this version of Signalbox does not know: ${first.type} (format ${first.format}, seq ${first.seq})${more}; it knows formats ${formats.event} and ${formats.laterEvent}`
}

/** Refuses to change a run whose log says more than this version understands. @throws ControlError `format.newer` */
export function refuseUnknown(run: Pick<Run, 'id' | 'unknown'>): void {
  const because = sayUnknown(run)
  if (because === undefined) return
  throw new ControlError('format.newer', `${because} and changes nothing of ${run.id}`, { hint: `Update Signalbox. Until then read it: signalbox log ${run.id}`, data: { unknown: run.unknown } })
}
