import { ControlError, nameUpTo5, openFindings, parseRunOrSnapshot, sayPlace, type Run, type RunRepo, type SnapshotRepo } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import { buildChildEnvironment } from './child-environment.ts'
import { writeDurably } from './durable-file.ts'
import { findStart, savedFilesOf } from './find-snapshot.ts'
import { keepForeign } from './foreign-sources.ts'
import type { SavedFiles } from './git-ports.ts'
import { refuseLost } from './lost-checkouts.ts'
import type { PacketReview } from './memory-ports.ts'
import { placeFindings } from './place-findings.ts'
import { readReview } from './review-file.ts'
import type { RunEnd } from './run-end.ts'
import { reachOfWorkspace, runIsolated } from './run-isolated.ts'
import { portVariables } from './run-ports.ts'
import { readRunTag } from './run-tag.ts'
import { withState, type Services } from './services.ts'
import type { Transcript } from './transcript.ts'

/** Tokens a packet may cost when nobody said otherwise: leaves most of a small model's window to the work. */
export const defaultBudget = 12_000

/** Makes the checkouts, saves the packet and runs the setup commands; returns how the run ended when setup failed. */
export async function prepareRun(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd | undefined> {
  // Before anything of the run's repos can run.
  await Promise.all([makeCheckouts(services, run), keepForeign(services, run)])
  return equipRun(services, run, transcript, abort)
}

async function makeCheckouts(services: Services, run: Run): Promise<void> {
  const begins = await readStart(services, run)
  if (run.ontoTarget) await mergeStart(services, run, begins)
  else await Promise.all(run.repos.map((repo) => createCheckout(services, run, repo, begins.get(repo.repo))))
  await savePacket(services, await services.log.fold(run.id))
}

/** Brings files along and runs the setup commands in checkouts that are made; again where that was not finished. Returns how the run ended when setup failed. */
export async function equipRun(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd | undefined> {
  const config = await services.memory.readConfig()
  for (const repo of run.repos) await bringFiles(services, run, repo, config.repos[repo.repo]?.files ?? [], transcript)
  for (const repo of run.repos) {
    for (const command of config.repos[repo.repo]?.setup ?? []) {
      if (abort.aborted) return undefined
      const end = await runSetup(services, run, repo, command, config.limits.checkMinutes, transcript, abort)
      if (end !== undefined) return end
    }
  }
  return undefined
}

async function createCheckout(services: Services, run: Run, repo: RunRepo, saved: SavedFiles | undefined): Promise<void> {
  const checkout = await checkoutOf(services, run, repo)
  if (saved === undefined) await services.workspaces.create(checkout, repo.baseHead, repo.baseBranch)
  else await services.workspaces.createWith(saved, checkout, repo.baseHead, repo.baseBranch)
}

/** What is taken of a snapshot of another run: its files, and the base that its change is from. */
type Beginning = SavedFiles & Pick<SnapshotRepo, 'base'>

/** Makes the checkouts on the targets, each with the change of the snapshot merged in, and records what conflicts: it is settled before it is sealed whole. */
async function mergeStart(services: Services, run: Run, begins: ReadonlyMap<RunRepo['repo'], Beginning>): Promise<void> {
  const { from } = run
  if (from === undefined) throw new TypeError(`${run.id} has nothing to merge`)
  const merged = await Promise.all(
    run.repos.map(async (repo) => {
      const saved = begins.get(repo.repo)
      if (saved === undefined) return createCheckout(services, run, repo, undefined).then(() => [])
      const checkout = await checkoutOf(services, run, repo)
      const left = await services.workspaces.merge({ checkout, base: repo.baseHead, baseBranch: repo.baseBranch, of: saved, labels: { base: repo.baseBranch, of: from } })
      return left.map((conflict) => ({ repo: repo.repo, ...conflict }))
    }),
  )
  const repos = run.repos.map(({ repo, baseHead }) => ({ repo, base: baseHead }))
  await services.log.append(run.id, { type: 'refresh.begun', data: { by: run.by, of: from, repos } }, { type: 'refresh.prepared', data: { conflicts: merged.flat() } })
}

/** Reads the files the checkouts of a run begin with, where those are not the ones of their bases. */
async function readStart({ log }: Services, { from }: Run): Promise<ReadonlyMap<RunRepo['repo'], Beginning>> {
  if (from === undefined) return new Map()
  const named = parseRunOrSnapshot(from)
  if (named === undefined) throw new ControlError('input.invalid', `${from} is no snapshot`)
  const earlier = await log.fold(named.run)
  return new Map(savedFilesOf(earlier, findStart(earlier, from)).map((saved) => [saved.repo, saved]))
}

async function savePacket(services: Services, run: Run): Promise<void> {
  const { resolving } = run
  const conflictsIn = (repo: RunRepo['repo']): readonly string[] => resolving?.conflicts?.flatMap((conflict) => (conflict.repo === repo ? [conflict.path] : [])) ?? []
  const targets = run.repos.map(({ repo, baseBranch, baseHead }) => ({ repo, branch: baseBranch, head: baseHead, ...(resolving === undefined ? {} : { merged: { of: resolving.of, conflicts: conflictsIn(repo) } }) }))
  const packet = await services.packets.assemble(run.task, targets, run.budget ?? defaultBudget, await readFindings(services, run))
  const markdown = services.packets.render(packet)
  await writeDurably(services.layout, services.layout.run(run.id).packet, markdown)
  await withState(services, async () => {
    await services.memory.writeRunFile(run.id, 'packet.md', markdown)
    await services.memory.commit(`${run.task}: packet of ${run.id}`)
    await services.log.append(run.id, { type: 'run.prepared', data: { packetHash: packet.hash, packetTokens: packet.tokens, budget: packet.budget } })
  })
}

/** The findings it was started with, each where it lies in the round that it begins with. */
async function readFindings(services: Services, run: Run): Promise<PacketReview | undefined> {
  const { text, review } = await readReview(services, run)
  const open = openFindings(review)
  const { from } = run
  const named = from === undefined ? undefined : parseRunOrSnapshot(from)
  if (text === undefined || from === undefined || named === undefined || open.length === 0) return undefined
  const placed = await placeFindings(services, run, open, findStart(await services.log.fold(named.run), from))
  return {
    of: from,
    source: `runs/${run.id}/review.jsonl`,
    text,
    findings: placed.map((finding) => ({ id: finding.id, place: sayPlace(finding), by: finding.by, text: finding.text, replies: finding.replies.flatMap((reply) => reply.text ?? []) })),
  }
}

/** Brings along what its human named for a repo. Where that would become part of the change, nothing is begun. */
async function bringFiles(services: Services, run: Run, repo: RunRepo, files: readonly string[], transcript: Transcript): Promise<void> {
  if (files.length === 0) return
  const { brought, missing, unignored, linked } = await services.workspaces.bringFiles(await checkoutOf(services, run, repo), repo.baseHead, files)
  if (unignored.length > 0) throw new ControlError('input.invalid', `${nameUpTo5(unignored)} of ${repo.repo} would be part of what the run changes: git does not ignore it there`, { hint: `Ignore it in ${repo.repo}, or take it out of the files of ${repo.repo} in signalbox.yaml` })
  if (linked.length > 0) throw new ControlError('input.invalid', `${nameUpTo5(linked)} of ${repo.repo} lies behind a link, which is not followed`, { hint: `Name the file itself, or take it out of the files of ${repo.repo} in signalbox.yaml` })
  if (brought.length > 0) transcript.write('signalbox', `brought along for ${repo.repo}: ${brought.join(', ')}`)
  if (missing.length > 0) transcript.write('signalbox', `not there to be brought along for ${repo.repo}: ${missing.join(', ')}`)
}

async function runSetup(services: Services, run: Run, repo: RunRepo, command: string, minutes: number, transcript: Transcript, abort: AbortSignal): Promise<RunEnd | undefined> {
  await refuseLost(services, run) // an earlier one may have replaced them
  transcript.write('signalbox', `setup ${repo.repo}: ${command}`)
  const request = {
    argv: ['/bin/sh', '-c', command] as const,
    cwd: services.layout.run(run.id).checkout(repo.repo),
    env: buildChildEnvironment(services.env, { SIGNALBOX_RUN: run.id, SIGNALBOX_TASK: run.task, SIGNALBOX_WORKSPACE: services.layout.run(run.id).workspace, ...(await portVariables(services.layout, run.id)) }),
    tag: await readRunTag(services.layout, run.id),
    limitMs: minutes * 60_000,
    abort,
    transcript,
    streams: { stdout: 'setup', stderr: 'setup' } as const,
  }
  const end = await runIsolated(services, run, request, () => reachOfWorkspace(services, run))
  await services.log.append(run.id, { type: 'setup.finished', data: { repo: repo.repo, command, exitCode: end.exitCode, durationMs: end.durationMs } })
  return end.exitCode === 0 ? undefined : { outcome: 'failed', because: `Setup of ${repo.repo} (${command}) failed: ${end.because}`, by: 'run' }
}
