import { rm } from 'node:fs/promises'
import { processIdentitySchema, type ProcessIdentity, type RunId } from '@signalbox/core'
import { readJsonIfThere, writeDurably } from './durable-file.ts'
import { identifyProcess, isAlive } from './process-tree.ts'
import type { StateLayout } from './state-layout.ts'

/** Takes the lease of a run for a live process: who holds it owns the run. The caller holds the state lock. */
export async function takeLease(layout: StateLayout, run: RunId, pid: number): Promise<void> {
  const identity = identifyProcess(pid)
  // A process that already ended holds nothing: recovery then finds the run without an owner.
  if (identity !== undefined) await writeDurably(layout, layout.run(run).lease, JSON.stringify(identity))
}

/**
 * Gives the lease of a process back: it may live on, and owns the run no more. One that somebody else has taken since stays theirs: a run that ended
 * may go on before its supervisor is through. The caller holds the state lock.
 */
export async function releaseLease(layout: StateLayout, run: RunId, pid: number): Promise<void> {
  if ((await readOwner(layout, run))?.pid === pid) await rm(layout.run(run).lease, { force: true })
}

/**
 * Returns the live process that owns a run; `undefined` when its owner died, or there never was one.
 * @throws ControlError `config.invalid` when the lease cannot be read: whether somebody owns the run is then unknown
 */
export async function readOwner(layout: StateLayout, run: RunId): Promise<ProcessIdentity | undefined> {
  const identity = await readJsonIfThere(layout.run(run).lease, processIdentitySchema, `Delete that file once no process of ${run} lives; the next command then settles the run`)
  return identity !== undefined && isAlive(identity) ? identity : undefined
}
