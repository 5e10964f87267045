import { countingReceipts, latestRound, writePullRequest, type GateReport, type Push, type PushedRepo, type Run, type RunId } from '@signalbox/core'
import { markActive, unmarkEnded } from './active-runs.ts'
import { look } from './look.ts'
import { record } from './merge-run.ts'
import { checksOf } from './run-checks.ts'
import { withState, type Services } from './services.ts'
import { tellHandoff } from './write-handoff.ts'

/**
 * Opens a pull request for every repo of a push that has none yet, each onto the branch the task means, and records where it is.
 * @throws ControlError `forge.not_found`, `forge.failed`; what was pushed and opened by then is on record
 */
export async function openPullRequests(services: Services, id: RunId, { remote, branch, repos }: Push, waived: GateReport['waived']): Promise<void> {
  for (const move of repos) {
    if (move.pullRequest !== null) continue
    const source = await services.repoPaths.sourceOf(move.repo)
    const text = await write(services, await services.log.fold(id), move, waived)
    const url = await services.remotes.openPullRequest({ source, head: branch, commit: move.to, base: move.target, ...text })
    await withState(services, async () => {
      await markActive(services.layout, id)
      const run = await services.log.append(id, { type: 'pull_request.opened', data: { remote, branch, repo: move.repo, to: move.to, url } })
      await tellHandoff(services, run)
      await record(services, run, 'pull request of')
      await unmarkEnded(services.layout, run)
    })
  }
}

async function write(services: Services, run: Run, repo: PushedRepo, waived: GateReport['waived']): Promise<ReturnType<typeof writePullRequest>> {
  const { handoff: id, approval } = run
  const round = latestRound(run)
  if (round === undefined || approval === undefined) throw new TypeError('the gate let through what nobody approved')
  const [task, config] = await Promise.all([services.memory.read('task', run.task), services.memory.readConfig()])
  const handoff = id === undefined ? undefined : await look(() => services.memory.read('handoff', id))
  const receipts = countingReceipts(checksOf(config, round), run.receipts, round.digest).filter((receipt) => receipt !== undefined)
  return writePullRequest({ task, run, round, approval, repo, what: handoff?.known === true ? handoff.value.what : undefined, receipts, waived })
}
