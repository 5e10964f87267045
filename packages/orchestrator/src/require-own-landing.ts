import { commitsText, ControlError, doubtLanding, type LandedRepo, type Run } from '@signalbox/core'
import { isGenuine, sha256 } from './approval-key.ts'
import { look } from './look.ts'
import type { Services } from './services.ts'

/** Refuses to take back a landing that only its record tells of: with what a human committed, nothing of theirs may go. @throws ControlError `undo.refused` */
export async function requireOwnLanding(services: Services, run: Run, repos: readonly LandedRepo[]): Promise<void> {
  const isApprovedHere = await isApproved(services, run, repos)
  for (const landed of repos) {
    const commit = await look(async () => services.sources.readCommit(await services.repoPaths.sourceOf(landed.repo), landed.to))
    const doubt = commit.known ? doubtLanding({ run, landed, commit: commit.value, isApprovedHere }) : commit.because
    if (doubt === undefined) continue
    throw new ControlError('undo.refused', `The landing of ${run.id} was not taken back: ${landed.branch} of ${landed.repo}: ${doubt}`, {
      hint: `Look at it, and at who wrote runs/${run.id}/events.jsonl (git log in the memory repo); to take it back all the same, as a run to be reviewed: signalbox undo ${run.id} --as-run`,
    })
  }
}

/** Tells whether the yes that a landing was made on was given here, to just these commits of the agent's own. */
async function isApproved({ layout }: Pick<Services, 'layout'>, { approval }: Run, repos: readonly LandedRepo[]): Promise<boolean> {
  if (approval?.commits !== sha256(commitsText(repos.map(({ repo, from, commits = [] }) => ({ repo, base: from, commits }))))) return false
  return isGenuine(layout, approval)
}
