import { processIdentitySchema, type ProcessIdentity, type RunId } from '@signalbox/core'
import { readIfThere, writeDurably } from './durable-file.ts'
import { identifyProcess, isAlive } from './process-tree.ts'
import type { StateLayout } from './state-layout.ts'

/** Takes the lease of a run for a live process: who holds it owns the run. The caller holds the state lock. */
export async function takeLease(layout: StateLayout, run: RunId, pid: number): Promise<void> {
  const identity = identifyProcess(pid)
  // A process that already ended holds nothing: recovery then finds the run without an owner.
  if (identity !== undefined) await writeDurably(layout, layout.run(run).lease, JSON.stringify(identity))
}

/** Returns the live process that owns a run; `undefined` when its owner died, or there never was one. */
export async function readOwner(layout: StateLayout, run: RunId): Promise<ProcessIdentity | undefined> {
  const text = await readIfThere(layout.run(run).lease)
  if (text === undefined) return undefined
  const identity = processIdentitySchema.parse(JSON.parse(text))
  return isAlive(identity) ? identity : undefined
}
