import { changedPaths, countingReceipts, countingWaivers, evidenceOf, findClaimGap, hasCode, isGreen, isWorkspaceLost, keptCheckpoints, latestRound, messageOf, nameUpTo5, sayAllReported, sayLooks, saySurvivors, startAgainWords, startWords, type Config, type Handoff, type HandoffId, type Receipt, type Run, type Snapshot } from '@signalbox/core'
import { hasChanges } from './capture-snapshot.ts'
import { judgeWaivers } from './gather-facts.ts'
import { checksOf } from './run-checks.ts'
import type { RunEnd } from './run-end.ts'
import type { Services } from './services.ts'
import { readTranscript } from './transcript.ts'

/** File names a handoff gives per repo: beyond that it would be a list nobody reads, and grow past what a record may hold. */
const namedFiles = 200

/** Lines of the agent's last words kept in a handoff. */
const lastWords = 12

/** Writes the handoff that every end of a run leaves: facts by us, the agent's last words marked as claims. One a human wrote stays beside it. */
export async function writeHandoff(services: Services, run: Run, end: RunEnd): Promise<HandoffId> {
  const { memory, clock } = services
  const by = `signalbox, for ${run.agent}`
  const facts = await describeEnd(services, run, end)
  const { records } = await memory.list('handoff')
  // A try that was killed may have written it already, and for an end that the run did not come to.
  const earlier = records.find((handoff) => handoff.run === run.id && handoff.by === by && (run.resumed === undefined || handoff.at >= run.resumed.at))
  if (earlier === undefined) return (await memory.create('handoff', { task: run.task, run: run.id, at: clock.now(), by, ...facts }, await quoteLastWords(services, run))).id
  if (earlier.what !== facts.what) await memory.edit('handoff', earlier.id, facts)
  return earlier.id
}

async function describeEnd(services: Services, run: Run, end: RunEnd): Promise<Pick<Handoff, 'what' | 'evidence' | 'blocker' | 'next'>> {
  const round = latestRound(run)
  return {
    what: [sayWhat(run, end, round), saySurvivors(run.survivors), ...sayLooks(run.sources), ...sayAllReported(round?.repos ?? [])].filter((part) => part !== '').join('; '),
    evidence: await readEvidence(services, run),
    blocker: end.outcome === 'completed' ? (sayGap(round) ?? redCheck(await services.memory.readConfig(), run, round)) : end.because,
    next: sayNext(run, end, round),
  }
}

/** Returns the facts of a handoff: what the latest round changes, the receipts that count for it, what was waived, and where it was pushed. */
export async function readEvidence(services: Services, run: Run): Promise<Handoff['evidence']> {
  const round = latestRound(run)
  const changed = await Promise.all((round?.repos ?? []).filter((repo) => repo.files > 0).map((repo) => describeChange(services, repo)))
  const waived = countingWaivers(await judgeWaivers(services, run), round?.digest ?? '').map(({ code, repo, because, by }) => ({ code, ...(repo === undefined ? {} : { repo }), because, by }))
  const pushed = evidenceOf(run.pushes)
  const claimed = await readClaimGap(services, run, round)
  return { changed, validation: [...sayValidation(await services.memory.readConfig(), run, round), ...sayCommands(run)], ...(claimed === undefined ? {} : { claimed }), ...(waived.length === 0 ? {} : { waived }), ...(pushed.length === 0 ? {} : { pushed }), ...sayLeftOut(round) }
}

/** Commands of an agent's claims that a handoff names: the last ones are about what it left. */
const namedCommands = 10

function sayCommands({ claims, agent }: Run): Handoff['evidence']['validation'] {
  return (claims?.commands ?? []).slice(-namedCommands).map(({ command, exitCode }) => ({ kind: 'claim' as const, text: `${agent} says it ran ${JSON.stringify(command.slice(0, 200))}`, exitCode }))
}

async function readClaimGap(services: Services, run: Run, round: Snapshot | undefined): Promise<Handoff['evidence']['claimed']> {
  if (run.claims === undefined || round === undefined) return undefined
  try {
    const changed = await Promise.all(round.repos.map(async ({ repo, base, commit }) => ({ repo, paths: changedPaths((await services.snapshots.diff(await services.repoPaths.sourceOf(repo), base, commit)).files) })))
    const { absent, unclaimed, outside } = findClaimGap(run.claims, changed, { isBegun: run.from !== undefined })
    const gap = { absent: absent.slice(0, namedFiles), unclaimed: (unclaimed ?? []).slice(0, namedFiles), outside: outside.slice(0, namedFiles) }
    return gap.absent.length + gap.unclaimed.length + gap.outside.length === 0 ? undefined : gap
  } catch {
    // What could not be compared is not called equal: what changed says already that its files could not be read.
    return undefined
  }
}

function sayLeftOut(round: Snapshot | undefined): Pick<Handoff['evidence'], 'leftOut'> {
  const leftOut = round?.part?.leftOut ?? []
  return leftOut.length === 0 ? {} : { leftOut: leftOut.slice(0, namedFiles).map(({ hunks, ...of }) => ({ ...of, ...(hunks === null ? {} : { hunks }) })) }
}

/** Brings the facts in the handoff of a run's end up to its latest round; what was said in it stays. The caller holds the state lock. */
export async function tellHandoff(services: Services, run: Run): Promise<void> {
  const handoff = run.handoff === undefined ? undefined : (await services.memory.list('handoff')).records.find(({ id }) => id === run.handoff)
  // One that its human removed, or is at work on, is theirs.
  if (handoff === undefined) return
  const facts = await readEvidence(services, run)
  const claims = handoff.evidence.validation.filter(({ kind }) => kind === 'claim')
  try {
    await services.memory.edit('handoff', handoff.id, { evidence: { ...facts, validation: [...facts.validation, ...claims] } }, { expect: handoff.hash })
  } catch (error) {
    if (!hasCode(error, 'record.changed_underneath') && !hasCode(error, 'record.quarantined') && !hasCode(error, 'handoff.not_found')) throw error
  }
}

async function describeChange(services: Services, repo: Snapshot['repos'][number]): Promise<Handoff['evidence']['changed'][number]> {
  const counts = { repo: repo.repo, insertions: repo.insertions, deletions: repo.deletions }
  try {
    const source = await services.repoPaths.sourceOf(repo.repo)
    const { files } = await services.snapshots.diff(source, repo.base, repo.commit)
    const names = files.map((file) => file.path)
    if (names.length <= namedFiles) return { ...counts, files: names }
    return { ...counts, files: names.slice(0, namedFiles), reason: `${names.length - namedFiles} more files are named by its diff` }
  } catch (error) {
    // The run must end and be handed off even when a source is away: the counts are known, the names are said to be unread.
    return { ...counts, files: [], reason: `The names of its ${repo.files} files could not be read: ${messageOf(error)}` }
  }
}

function sayWhat(run: Run, end: RunEnd, round: Snapshot | undefined): string {
  const how = run.takesBack === undefined ? `${run.id} (${run.agent}) ${end.outcome}` : `${run.id} was made to take back what ${run.takesBack.run} landed`
  if (round === undefined) return `${how}; nothing could be sealed`
  const gap = sayGap(round)
  if (gap !== null) return `${how}; ${gap}`
  if (!hasChanges(round)) return `${how} without changing anything`
  const repos = round.repos.filter((repo) => repo.files > 0).map((repo) => `${repo.repo} (${repo.files} ${repo.files === 1 ? 'file' : 'files'}, +${repo.insertions} -${repo.deletions})`)
  return `${how}; ${round.id} changes ${repos.join(' and ')}`
}

function sayValidation(config: Config, run: Run, round: Snapshot | undefined): Handoff['evidence']['validation'] {
  return counting(config, run, round).flatMap((receipt) =>
    receipt === undefined
      ? []
      : [{ kind: 'fact' as const, text: `${receipt.name} of ${receipt.repo}: ${isGreen(receipt) ? 'passed' : (receipt.voided ?? `failed with exit ${receipt.exitCode}`)}`, repo: receipt.repo, command: receipt.command, exitCode: receipt.exitCode }],
  )
}

function counting(config: Config, run: Run, round: Snapshot | undefined): readonly (Receipt | undefined)[] {
  return round === undefined ? [] : countingReceipts(checksOf(config, round), run.receipts, round.digest)
}

function redCheck(config: Config, run: Run, round: Snapshot | undefined): string | null {
  const red = counting(config, run, round).filter((receipt) => receipt !== undefined && !isGreen(receipt))
  return red.length === 0 ? null : `Red checks: ${red.map((receipt) => `${receipt?.repo}/${receipt?.name}`).join(', ')}`
}

/** Names what should be in a round and is not, so that "nothing changed" is never said of work that was lost; null for a whole round. */
function sayGap(round: Snapshot | undefined): string | null {
  if (round === undefined || round.complete) return null
  return `${round.id} is incomplete: ${nameUpTo5(round.repos.flatMap(({ repo, missing }) => missing.map(({ path, reason }) => `${repo}/${path} (${reason.replaceAll('_', ' ')})`)))}`
}

function sayNext(run: Run, end: RunEnd, round: Snapshot | undefined): string {
  if (run.takesBack !== undefined) return hasChanges(round) ? `Review it with \`signalbox diff ${run.id}\`, then \`signalbox merge ${run.id} --approve\`` : `Make it again: \`signalbox undo ${run.takesBack.run} --as-run\``
  if (end.outcome === 'escaped') return `Read \`signalbox gate ${run.id}\`: it says how to take what it wrote beside its workspace into the run, and how to clear your checkout`
  const last = keptCheckpoints(run).at(-1)
  if (last !== undefined && round?.complete !== true) return `See with \`signalbox show ${run.id}\` what is missing of its end, or go on from its last checkpoint with \`signalbox ${startWords(run, `--from ${last}`)}\``
  if (round?.complete === false) return `Ask \`signalbox gate ${run.id}\` what is missing and how to repair it, or ${sayAgain(run)}`
  if (hasChanges(round)) {
    return end.outcome === 'completed'
      ? `Review it with \`signalbox diff ${run.id}\`, then \`signalbox merge ${run.id} --approve\``
      : `Look at what it left with \`signalbox diff ${run.id}\`, then ${sayAgain(run)}`
  }
  return `Read \`signalbox log ${run.id}\`, then ${sayAgain(run)}`
}

function sayAgain(run: Run): string {
  if (run.packet === undefined || isWorkspaceLost(run)) return `start again with \`signalbox ${startAgainWords(run)}\``
  const again = `start again with \`signalbox ${startWords(run)}\``
  return `let it go on with \`signalbox resume ${run.id}\`, or ${again}`
}

async function quoteLastWords(services: Services, run: Run): Promise<string> {
  const lines = await readLastLines(services, run)
  if (lines.length === 0) return ''
  return `## Last output of the agent (a claim, not checked)\n\n${lines.map((line) => `> ${line}`).join('\n')}\n`
}

async function readLastLines(services: Services, run: Run): Promise<readonly string[]> {
  let from = 0
  let last: readonly string[] = []
  for (;;) {
    const page = await readTranscript(services.layout.run(run.id).transcript, from)
    if (page.next === from) return last
    from = page.next
    const said = page.lines.filter((line) => line.stream === 'stdout' || line.stream === 'stderr' || line.kind === 'message').map((line) => line.text)
    last = [...last, ...said].slice(-lastWords)
  }
}
