import * as z from 'zod'
import { oidSchema, repoNameSchema } from './ids.ts'

/** Recorded outcome of one check on exact trees. */
export const receiptSchema = z.object({
  repo: repoNameSchema,
  name: z.string(),
  command: z.string(),
  /** Merge tree of `repo` it ran on. */
  tree: oidSchema,
  /** Snapshot digest: the other repos lie beside it, so their trees are part of what was checked. */
  digest: z.string(),
  /** Null when the command was ended by us or by a signal. */
  exitCode: z.int().nullable(),
  durationMs: z.int().nonnegative(),
  /** ISO 8601 UTC instant of the end. */
  at: z.string(),
  /** Why the receipt does not count though the command ended, e.g. it changed the tree; null when it counts. */
  voided: z.string().nullable(),
  /** Last lines of what it printed, control bytes removed. */
  outputTail: z.string(),
})
export type Receipt = z.infer<typeof receiptSchema>

/** Tells whether a receipt shows a green check. */
export function isGreen(receipt: Receipt): boolean {
  return receipt.exitCode === 0 && receipt.voided === null
}
