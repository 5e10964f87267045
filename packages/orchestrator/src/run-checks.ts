import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config, ConfiguredCheck, Receipt, Run, Snapshot, SnapshotRepo } from '@signalbox/core'
import { buildChildEnvironment } from './child-environment.ts'
import type { CommandEnd } from './command.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import { endTagged } from './process-tree.ts'
import { toVisible } from './redact.ts'
import { runIsolated, type Reach } from './run-isolated.ts'
import { readRunTag } from './run-tag.ts'
import { recordSurvivors } from './survivors.ts'
import type { Services } from './services.ts'
import type { Transcript } from './transcript.ts'

/** Milliseconds to wait for the check folders, which another run's checks may be using. */
const checksWaitMs = 60 * 60_000

/** Bytes of output kept in a receipt: enough for a failing test's message. */
const tailBytes = 4_096

/** Returns the checks configured for the repos that a round changes. */
export function checksOf(config: Config, round: Snapshot): readonly ConfiguredCheck[] {
  return round.repos
    .filter((repo) => repo.files > 0)
    .flatMap(({ repo }) => Object.entries(config.repos[repo]?.checks ?? {}).map(([name, command]) => ({ repo, name, command })))
}

interface CheckRun {
  readonly services: Services
  readonly run: Run
  readonly round: Snapshot
  readonly config: Config
  readonly folder: string
  readonly tag: string
  readonly transcript: Transcript
  readonly abort: AbortSignal
}

/**
 * Runs every configured check on exactly the sealed trees, all repos side by side, and appends a receipt for each.
 * Takes the lock of the check folders, not the state lock: checks may take long.
 */
export async function runChecks(services: Services, run: Run, round: Snapshot, transcript: Transcript, abort: AbortSignal): Promise<readonly Receipt[]> {
  const config = await services.memory.readConfig()
  const checks = checksOf(config, round)
  if (checks.length === 0) return []
  return services.locks.hold(
    services.layout.checksLock,
    async () => {
      const folder = services.layout.checkFolder(round.repos.map((repo) => repo.repo), run.sandbox === undefined ? undefined : run.id)
      // The run's own tag, so that whoever settles the run after a kill ends its checks too.
      const tag = await readRunTag(services.layout, run.id)
      await recordSurvivors(services, run.id, await endTagged(tag))
      const context: CheckRun = { services, run, round, config, folder, tag, transcript, abort }
      const receipts: Receipt[] = []
      for (const check of checks) {
        if (abort.aborted) break
        const receipt = await runCheck(context, check)
        receipts.push(receipt)
        await services.log.append(run.id, { type: 'check.finished', data: { receipt } })
      }
      return receipts
    },
    { waitMs: checksWaitMs },
  )
}

async function runCheck(context: CheckRun, check: ConfiguredCheck): Promise<Receipt> {
  const { services, round, transcript } = context
  const repo = round.repos.find((candidate) => candidate.repo === check.repo)
  if (repo === undefined) throw new TypeError(`${round.id} has no repo ${check.repo}`)
  await resetFolders(context)
  const setup = await prepareFolders(context)
  if (setup !== undefined) return toReceipt(services, context, check, repo, setup.end, setup.tail, `setup of ${setup.repo} failed: ${setup.end.because}`)
  transcript.write('signalbox', `check ${check.repo}/${check.name}: ${check.command}`)
  const { end, tail } = await runInFolder(context, check.repo, check.command)
  const after = await services.workspaces.readCheckTree(await services.repoPaths.sourceOf(check.repo), join(context.folder, check.repo))
  const voided = after === repo.tree ? null : 'it changed files of the tree it checked, so it says nothing about the sealed tree'
  return toReceipt(services, context, check, repo, end, tail, voided)
}

async function resetFolders({ services, round, folder }: CheckRun): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const { repo, commit } of round.repos) {
    await services.workspaces.resetCheckFolder(await services.repoPaths.sourceOf(repo), join(folder, repo), commit)
  }
}

/** Runs setup where it was not yet done for these commands on this tree; returns the first failure. */
async function prepareFolders(context: CheckRun): Promise<{ readonly repo: string; readonly end: CommandEnd; readonly tail: string } | undefined> {
  for (const { repo, tree } of context.round.repos) {
    const commands = context.config.repos[repo]?.setup ?? []
    if (commands.length === 0) continue
    const stamp = join(context.folder, `${repo}.setup.json`)
    const wanted = JSON.stringify({ commands, tree })
    if ((await readIfThere(stamp)) === wanted) continue
    for (const command of commands) {
      context.transcript.write('signalbox', `setup ${repo} for checks: ${command}`)
      const { end, tail } = await runInFolder(context, repo, command)
      if (end.exitCode !== 0) return { repo, end, tail }
    }
    await writeDurably(context.services.layout, stamp, wanted)
  }
  return undefined
}

async function runInFolder(context: CheckRun, repo: string, command: string): Promise<{ readonly end: CommandEnd; readonly tail: string }> {
  const { services, run, config, folder, tag, transcript, abort } = context
  let tail: Buffer = Buffer.alloc(0)
  const request = {
    argv: ['/bin/sh', '-c', command] as const,
    cwd: join(folder, repo),
    env: buildChildEnvironment(services.env, { SIGNALBOX_RUN: run.id, SIGNALBOX_TASK: run.task, SIGNALBOX_WORKSPACE: folder, CI: '1' }),
    tag,
    limitMs: config.limits.checkMinutes * 60_000,
    abort,
    transcript,
    streams: { stdout: 'check', stderr: 'check' } as const,
    onOutput: (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-tailBytes)
    },
  }
  const end = await runIsolated(services, run, request, () => reachOfChecks(context))
  await recordSurvivors(services, run.id, end.survivors)
  return { end, tail: tail.toString('utf8').split('\n').map(toVisible).join('\n') }
}

/** Each repo's folder by itself: what lies between them is ours. */
async function reachOfChecks({ services, round, folder }: CheckRun): Promise<Reach> {
  const sources = await Promise.all(round.repos.map(({ repo }) => services.repoPaths.sourceOf(repo)))
  return {
    folder: join(folder, '.sandbox'),
    write: round.repos.map(({ repo }) => join(folder, repo)),
    read: sources.flatMap((source) => [source.path, ...services.workspaces.reachOfCheckFolder(source).stores]),
  }
}

function toReceipt(services: Services, { round }: CheckRun, check: ConfiguredCheck, repo: SnapshotRepo, end: CommandEnd, outputTail: string, voided: string | null): Receipt {
  const ours = end.endedBy === 'itself' ? null : end.because
  return { ...check, tree: repo.tree, digest: round.digest, exitCode: end.exitCode, durationMs: end.durationMs, at: services.clock.now(), voided: voided ?? ours, outputTail }
}
