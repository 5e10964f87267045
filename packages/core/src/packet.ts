import * as z from 'zod'
import { taskIdSchema } from './ids.ts'

/** Sections of a context packet in the order an agent reads them. */
export const packetSections = [
  'task',
  'effort',
  'targets',
  'acceptance',
  'decisions',
  'notes',
  'handoffs',
  'related',
  'constraints',
  'findings',
] as const

export const packetItemSchema = z.object({
  /** Path in the memory repo, or `repo:NAME` for facts about a target. */
  source: z.string(),
  title: z.string(),
  /** Git blob id of the source's bytes; null for facts without a file. */
  blob: z.string().nullable(),
  /** Why it is in: `linked from the task`, `same effort`, `mentions: worktree, base`, … */
  reason: z.string(),
  /** Estimated cost: UTF-8 bytes / 4, rounded up. */
  tokens: z.int().nonnegative(),
  /** What changed since the item was written, or null when nothing we know of did. */
  freshness: z.string().nullable(),
  /** Markdown given to the agent. Untrusted text: it came from files anybody may have written. */
  text: z.string(),
})
export type PacketItem = z.infer<typeof packetItemSchema>

export const packetSectionSchema = z.object({
  name: z.enum(packetSections),
  items: z.array(packetItemSchema),
  /** True when there is nothing to say; the packet then says "none found". */
  empty: z.boolean(),
})
export type PacketSection = z.infer<typeof packetSectionSchema>

/** The exact brief given to a run. `hash` is the sha256 of its Markdown. */
export const packetSchema = z.object({
  task: taskIdSchema,
  hash: z.string(),
  tokens: z.int().nonnegative(),
  budget: z.int().positive(),
  sections: z.array(packetSectionSchema),
  omitted: z.array(z.object({ source: z.string(), reason: z.string(), tokens: z.int().nonnegative() })),
})
export type Packet = z.infer<typeof packetSchema>
