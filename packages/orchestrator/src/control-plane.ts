import { setTimeout as delay } from 'node:timers/promises'
import { answerRequestSchema, approvalRequestSchema, approvedStrategy, baseBranchOf, changesRequestSchema, commentRequestSchema, ControlError, mergeRequestSchema, newRunSchema, parseInput, pushRequestSchema, reasonSchema, refreshRequestSchema, reportGate, restoreRequestSchema, resumeRequestSchema, sealRequestSchema, undoRequestSchema, waiverRequestSchema, whyRequestSchema, type HumanFace, type Run, type RunId, type Snapshot } from '@signalbox/core'
import { readCommits } from './agent-commits.ts'
import { viewAgents } from './agents.ts'
import { answerRun } from './answer-run.ts'
import { approveRun } from './approve-run.ts'
import { clean } from './clean.ts'
import { doctor } from './doctor.ts'
import { findSnapshot } from './find-snapshot.ts'
import { forecast } from './forecast.ts'
import { gatherFacts } from './gather-facts.ts'
import { landRefreshed, readyRefreshed } from './land-refreshed.ts'
import { readOwner } from './lease.ts'
import { mergeRun } from './merge-run.ts'
import { commentRun } from './comment-run.ts'
import { defaultBudget } from './prepare-run.ts'
import { signalProcess } from './process-tree.ts'
import { pushRun } from './push-run.ts'
import { createRecordCalls } from './records.ts'
import { findNewer } from './newer.ts'
import { recover, settleOrphan } from './recover.ts'
import { refreshRun } from './refresh-run.ts'
import { createRepoPaths } from './repo-paths.ts'
import { createRepoCalls } from './repos.ts'
import { runChecks } from './run-checks.ts'
import { createRunLog } from './run-log.ts'
import { createRunReads, isOwned } from './run-reads.ts'
import { readDiff } from './read-diff.ts'
import { readRuns } from './read-runs.ts'
import { rejectRun } from './reject-run.ts'
import { requestChanges } from './request-changes.ts'
import { findConflicting, resolveRun } from './resolve-run.ts'
import { resumeRun } from './resume-run.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import { sealRun } from './seal-run.ts'
import { summarizeRun, viewRun } from './run-view.ts'
import { withState, type Collaborators, type Services } from './services.ts'
import { startRun, waitForClaim } from './start-run.ts'
import { layoutState } from './state-layout.ts'
import { createTaskCalls } from './tasks.ts'
import { openTranscript, readTranscript } from './transcript.ts'
import { undoAsRun } from './undo-as-run.ts'
import { undoRun } from './undo-run.ts'
import { waiveRun } from './waive-run.ts'
import { unlessChecked, whileChecked } from './while-checked.ts'
import { tellHandoff } from './write-handoff.ts'
import { explainLine } from './why.ts'

/** Milliseconds between looks at a run that is being waited for. */
const pollMs = 50

/** Puts the collaborators together with what the orchestrator keeps in the state folder. */
export function createServices(collaborators: Collaborators): Services {
  const layout = layoutState(collaborators.stateDir)
  return { ...collaborators, layout, log: createRunLog({ ...collaborators, layout }), repoPaths: createRepoPaths(layout) }
}

/** Creates the human face of a control plane, after settling what killed processes left. */
export async function openHumanFace(services: Services): Promise<HumanFace> {
  const newer = await findNewer(services)
  if (newer !== undefined) process.emitWarning(newer.message, 'SignalboxWarning')
  // Of all that a newer version left, that is the one reason.
  else for (const { run, because } of await recover(services)) process.emitWarning(`${run} could not be settled: ${because}`, 'SignalboxWarning')
  return { ...createTaskCalls(services), ...createRepoCalls(services), ...createRecordCalls(services), ...createRunCalls(services), ...createMemoryCalls(services) }
}

type RunCalls = Omit<HumanFace, keyof ReturnType<typeof createTaskCalls> | keyof ReturnType<typeof createRepoCalls> | keyof ReturnType<typeof createRecordCalls> | keyof ReturnType<typeof createMemoryCalls>>

function createRunCalls(services: Services): RunCalls {
  const { log } = services
  /** Runs one act on a run under the state lock, on the run as it is then. */
  const act = <T>(id: RunId, work: (run: Run) => Promise<T>): Promise<T> => withState(services, async () => work(await log.foldToChange(id)))
  const view = async (id: RunId): Promise<Awaited<ReturnType<HumanFace['readRun']>>> => viewRun(services, await log.fold(id))

  return {
    listAgents: async () => ({ agents: await viewAgents(services) }),
    startRun: async (task, request) => view(await startRun(services, task, parseInput(newRunSchema, request))),
    listRuns: async (filter = {}) => {
      const { runs, quarantined } = await readRuns(services)
      return { runs: runs.filter((run) => filter.task === undefined || run.task === filter.task).map(summarizeRun), quarantined }
    },
    ...createRunReads(services),
    readTranscript: async (id, { from = 0 } = {}) => {
      await log.fold(id)
      return readTranscript(services.layout.run(id).transcript, from)
    },
    cancelRun: async (id, reason = {}) => {
      const { because = 'no reason given' } = parseInput(reasonSchema, reason)
      await cancel(services, id, because)
      return view(id)
    },

    resumeRun: async (id, request = {}) => {
      const parsed = parseInput(resumeRequestSchema, request)
      await act(id, (run) => unlessChecked(services, id, () => resumeRun(services, run, parsed)))
      await waitForClaim(services, id)
      return view(id)
    },
    answer: async (id, request) => {
      const { question, answer } = parseInput(answerRequestSchema, request)
      await act(id, (run) => answerRun(services, run, question, answer))
      return view(id)
    },

    readCommits: async (id, { round } = {}) => readCommits(services, await log.fold(id), round),
    diff: async (id, options = {}) => readDiff(services, await log.fold(id), options),
    restore: async (id, request) => restoreSnapshot(services, await log.fold(id), parseInput(restoreRequestSchema, request)),
    sealRun: async (id, request = {}) => {
      const parsed = parseInput(sealRequestSchema, request)
      const run = await act(id, (current) => sealRun(services, current, parsed))
      if (parsed.mine === undefined) await check(services, id)
      if (parsed.only !== undefined || parsed.from !== undefined) {
        // After its checks: they are what the handoff is to tell of.
        await act(id, async (checked) => {
          await tellHandoff(services, checked)
          await services.memory.commit(`${checked.task}: hand off ${run.snapshots.at(-1)?.id ?? id}`)
        })
      }
      return view(id)
    },
    checkRun: async (id) => ({ receipts: await check(services, id) }),
    gate: async (id, { strategy } = {}) => {
      const run = await log.fold(id)
      return reportGate(await gatherFacts(services, run, strategy ?? approvedStrategy(run)))
    },
    waive: (id, request) =>
      act(id, async (run) => {
        const parsed = parseInput(waiverRequestSchema, request)
        const waivers = await waiveRun(services, run, parsed)
        await services.memory.commit(`${run.task}: waive ${parsed.code} of ${id}`)
        return { waivers }
      }),
    approve: (id, request = {}) => act(id, async (run) => ({ approval: await approveRun(services, run, parseInput(approvalRequestSchema, request)) })),
    merge: async (id, request = {}) => {
      const parsed = parseInput(mergeRequestSchema, request)
      if (!parsed.refresh) return act(id, (run) => mergeRun(services, run, parsed))
      const readied = await act(id, (run) => readyRefreshed(services, run, parsed))
      if (readied.unchecked) await check(services, id)
      return act(id, (run) => landRefreshed(services, run, parsed, readied))
    },
    push: (id, request = {}) => pushRun(services, id, parseInput(pushRequestSchema, request)),
    refresh: async (id, request = {}) => {
      const { resolve, agent, argv } = parseInput(refreshRequestSchema, request)
      if (agent !== undefined) {
        const earlier = await log.fold(id)
        const round = await findConflicting(services, earlier)
        // Nothing is merged into a worktree of the human's own repository.
        const isolation = earlier.isolation === 'linked' ? 'private' : earlier.isolation
        if (round !== undefined) return view(await startRun(services, earlier.task, { agent, argv, isolation, from: round.id, ontoTarget: true }))
      }
      await act(id, (run) => (resolve ? resolveRun(services, run) : refreshRun(services, run)))
      const run = await log.fold(id)
      // What is to be settled first has no new round yet.
      if (run.resolving === undefined) await check(services, id)
      return view(id)
    },
    comment: (id, request) => act(id, async (run) => ({ finding: await commentRun(services, run, parseInput(commentRequestSchema, request)) })),
    requestChanges: async (id, request = {}) => view(await requestChanges(services, id, parseInput(changesRequestSchema, request))),
    reject: async (id, reason = {}) => {
      const { because = 'no reason given' } = parseInput(reasonSchema, reason)
      await act(id, (run) => rejectRun(services, run, because))
      return view(id)
    },
    undo: async (id, request = {}) => {
      const { asRun } = parseInput(undoRequestSchema, request)
      const result = await act(id, (run) => (asRun ? undoAsRun(services, run) : undoRun(services, run)))
      if (result.run !== undefined) await checkUnchecked(services, await log.fold(result.run))
      return result
    },
  }
}

function createMemoryCalls(services: Services): Pick<HumanFace, 'readContext' | 'forecast' | 'why' | 'search' | 'rebuildIndex' | 'clean' | 'doctor'> {
  return {
    readContext: async (id, { budget = defaultBudget } = {}) => {
      const task = await services.memory.read('task', id)
      const config = await services.memory.readConfig()
      const targets = await Promise.all(
        task.repos.map(async (repo) => {
          const settings = config.repos[repo]
          if (settings === undefined) throw new ControlError('repo.not_found', `${id} names the repo ${repo}, which is not registered`, { hint: `Register it: signalbox repo add PATH --name ${repo}` })
          const branch = baseBranchOf(task, repo, settings.baseBranch)
          const head = await services.sources.readHead(await services.repoPaths.sourceOf(repo), branch)
          if (head === undefined) throw new ControlError('repo.branch_missing', `${repo} has no branch ${branch}`, { hint: `Create it there, or set another: signalbox task edit ${id} --base-branch NAME` })
          return { repo, branch, head }
        }),
      )
      const packet = await services.packets.assemble(id, targets, budget, undefined)
      return { ...packet, markdown: services.packets.render(packet) }
    },
    forecast: () => forecast(services),
    why: (request) => explainLine(services, parseInput(whyRequestSchema, request)),
    search: async (query, { limit = 20 } = {}) => ({ results: await services.search.search(query, { limit }) }),
    rebuildIndex: () => services.search.rebuild(),
    clean: (request = {}) => clean(services, request),
    doctor: ({ fix = false } = {}) => doctor(services, fix),
  }
}

async function check(services: Services, id: RunId): Promise<Awaited<ReturnType<typeof runChecks>>> {
  await services.memory.refuseNewer()
  return whileChecked(services, id, (run) => checkRound(services, run, findSnapshot(run, undefined)))
}

async function checkRound(services: Services, run: Run, round: Snapshot): Promise<Awaited<ReturnType<typeof runChecks>>> {
  const transcript = openTranscript(services.layout.run(run.id).transcript, services.env, services.clock)
  try {
    const receipts = await runChecks(services, run, round, transcript, new AbortController().signal)
    await withState(services, async () => {
      await services.log.publish(run.id)
      await services.memory.commit(`${run.task}: check ${round.id}`)
    })
    return receipts
  } finally {
    transcript.close()
  }
}

/** A run that was made before is asked for again: its receipts stand. */
async function checkUnchecked(services: Services, run: Run): Promise<void> {
  if (run.receipts.length === 0) await check(services, run.id)
}

async function cancel(services: Services, id: RunId, because: string): Promise<void> {
  await withState(services, async () => {
    const run = await services.log.foldToChange(id)
    if (run.state.kind === 'ended') throw new ControlError('run.not_active', `${id} has ended already (${run.state.outcome})`, { hint: `Look at it: signalbox show ${id}` })
    await services.log.append(id, { type: 'run.cancel_requested', data: { by: await services.readActor(), because } })
    const owner = await readOwner(services.layout, id)
    if (owner !== undefined) signalProcess(owner.pid, 'SIGTERM')
  })
  while (await isOwned(services, id)) await delay(pollMs)
  await settleOrphan(services, id)
}
