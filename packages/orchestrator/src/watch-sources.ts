import { blockingChanges, listChanges, messageOf, type RepoName, type Run } from '@signalbox/core'
import { compareSource } from './compare-sources.ts'
import { compareOne, readForeign } from './foreign-sources.ts'
import type { ComparedSource } from './git-ports.ts'
import { createPause } from './pause.ts'
import type { Services } from './services.ts'

/** Looks at the sources while the agent of a run works. */
export interface SourceWatch {
  /** The agent said that a turn of it is over: a moment to look. */
  turnEnded(): void
  stop(): Promise<void>
}

/** Milliseconds to the first look, and the most between two: what goes wrong often does at once, and a human who is told late can do little. */
const [firstMs, mostMs] = [5_000, 30_000]

/** A look waits so many times as long as the last one took: looking is at most a twentieth of a run. */
const timesLookTook = 20

/** Things that are named of one source while a run is at work; its end says all. */
const named = 100

/**
 * Begins to look what the run does beside its workspace, and records at once what there is evidence for, each thing once. Nothing is ended for it: that is
 * its human's to decide. What cannot be looked at now is looked at when the run ends.
 */
export function watchSources(services: Services, run: Run): SourceWatch {
  const over = new AbortController()
  const told = new Map<RepoName, ReadonlySet<string>>()
  const pause = createPause(over.signal)
  let turnEnded = false

  async function follow(): Promise<void> {
    let [waitMs, restMs] = [firstMs, 0]
    while (!over.signal.aborted) {
      await pause.wait(turnEnded ? restMs : Math.max(waitMs, restMs))
      if (over.signal.aborted) return
      turnEnded = false
      const began = performance.now()
      await lookAtAll()
      restMs = (performance.now() - began) * timesLookTook
      waitMs = Math.min(mostMs, waitMs * 2)
    }
  }

  /** One source after the other: nobody waits for this. */
  async function lookAtAll(): Promise<void> {
    const now = await services.log.fold(run.id)
    const saved = now.snapshots.at(-1)
    for (const repo of run.repos) if (!over.signal.aborted) await tell({ repo: repo.repo }, await compareSource(services, now, repo, saved))
    for (const kept of await readForeign(services, run)) if (!over.signal.aborted) await tell({ repo: kept.repo, foreign: true }, await compareOne(services, now, kept, saved))
  }

  async function tell(of: { readonly repo: RepoName; readonly foreign?: true }, { changes }: ComparedSource): Promise<void> {
    const found = blockingChanges(run.isolation, { ...of, changes: [...changes], unlisted: 0, unread: null, accepted: null })
    const before = told.get(of.repo) ?? new Set<string>()
    const names = found.map(({ what, name }) => `${what} ${name}`)
    if (over.signal.aborted || before.size >= named || names.every((name) => before.has(name))) return
    told.set(of.repo, new Set([...before, ...names]))
    await services.log.append(run.id, { type: 'source.compared', data: { ...of, live: true, ...listChanges(run.isolation, found, named), unread: null } })
  }

  const followed = follow().catch((error: unknown) => console.error(`The sources of ${run.id} are not watched any more: ${messageOf(error)}`))
  return {
    turnEnded: () => {
      turnEnded = true
      pause.wake()
    },
    stop: async () => {
      over.abort()
      await followed
    },
  }
}
