import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, type Live, type LiveChange, type RunId } from '@signalbox/core'
import { listActive } from './active-runs.ts'
import { followChangedRuns, type ChangedRuns } from './changed-runs.ts'
import { openLogTails, type LogTails } from './log-tails.ts'
import type { RecordWatch } from './memory-ports.ts'
import type { StateLayout } from './state-layout.ts'
import { createTranscriptGrowth } from './transcript-growth.ts'

/** Milliseconds between looks while somebody follows. A look is one stat: shorter buys nothing a human could see. */
const lookMs = 100
/** Looks between two at the logs of active runs, whose hints may have been lost with a killed process: 2 s. */
const looksPerHealing = 20
/** Looks between two at the logs of all runs: 30 s. */
const looksPerSurvey = 300

type Told = (change: LiveChange) => void

/**
 * Returns what follows all changes of a control plane, by whichever process they were made.
 * Nothing is read and no timer runs while nobody follows.
 */
export function createLive({ layout, recordWatch }: { readonly layout: StateLayout; readonly recordWatch: RecordWatch }): Live & { close(): void } {
  const followers = new Set<Told>()
  const transcripts = createTranscriptGrowth(layout)
  let changes: AbortController | undefined
  let growth: AbortController | undefined

  /** A follower that throws must not keep the others from being told. */
  const tell = (change: LiveChange): void => {
    for (const told of followers) guarded(() => told(change))
  }

  function stopUnused(): void {
    if (followers.size === 0) {
      changes?.abort()
      changes = undefined
    }
    if (!transcripts.isFollowed()) {
      growth?.abort()
      growth = undefined
    }
  }

  return {
    follow: (told) => {
      // Each call is a follower of its own, even with a function that follows already.
      const follower: Told = (change) => told(change)
      followers.add(follower)
      if (changes === undefined) {
        changes = new AbortController()
        recordWatch.watch((paths) => tell({ kind: 'records', paths }), changes.signal)
        void followLogs(layout, tell, changes.signal)
      }
      return () => {
        followers.delete(follower)
        stopUnused()
      }
    },
    followTranscript: (run, told) => {
      const unfollow = transcripts.follow(run, (bytes) => guarded(() => told(bytes)))
      if (growth === undefined) {
        growth = new AbortController()
        void repeat(() => transcripts.look(), growth.signal)
      }
      return () => {
        unfollow()
        stopUnused()
      }
    },
    close: () => {
      followers.clear()
      changes?.abort()
      growth?.abort()
    },
  }
}

function followLogs(layout: StateLayout, tell: Told, signal: AbortSignal): Promise<void> {
  // In this order: a hint that falls between the two costs one look too many, the other way round it would be lost.
  const hints = followChangedRuns(layout.changedRuns, statSync(layout.changedRuns, { throwIfNoEntry: false })?.size ?? 0)
  const tails = openLogTails(layout)
  let looks = 0
  let missed = false
  return repeat(async () => {
    looks += 1
    const runs = await runsToLookAt({ layout, tails, hints, looks, missed })
    // The hints are taken: should a look fail now, the next one has to be at all logs.
    missed = runs.length > 0
    for (const run of runs) {
      const look = await tails.look(run)
      if (signal.aborted) return
      // What cannot be read here cannot be read by anybody: they are told that something changed, and see the error.
      if (look.kind === 'unreadable') tell({ kind: 'records', paths: [`runs/${run}/events.jsonl`] })
      else for (const event of look.events) tell({ kind: 'run', event })
    }
    missed = false
  }, signal)
}

interface Looking {
  readonly layout: StateLayout
  readonly tails: LogTails
  readonly hints: ChangedRuns
  readonly looks: number
  /** The last look failed in the middle. */
  readonly missed: boolean
}

async function runsToLookAt({ layout, tails, hints, looks, missed }: Looking): Promise<readonly RunId[]> {
  const hinted = await hints.read()
  if (hinted === 'all' || missed || looks % looksPerSurvey === 0) return tails.list()
  return looks % looksPerHealing === 0 ? [...new Set([...hinted, ...(await listActive(layout))])] : hinted
}

/** Looks again and again until the signal aborts. A failed look is warned of once and tried again. */
async function repeat(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let warned = false
  while (!signal.aborted) {
    try {
      await look()
      warned = false
    } catch (error) {
      if (!warned) process.emitWarning(`Changes could not be followed and are tried again: ${messageOf(error)}`, 'SignalboxWarning')
      warned = true
    }
    // Following must not keep a process alive that has nothing else to do.
    await delay(lookMs, undefined, { ref: false })
  }
}

function guarded(tell: () => void): void {
  try {
    tell()
  } catch (error) {
    process.emitWarning(`A follower of changes failed: ${messageOf(error)}`, 'SignalboxWarning')
  }
}
