import { setTimeout as delay } from 'node:timers/promises'
import { isGreen, short, type ContextView, type GateReport, type Receipt, type RunDiff, type RunEvent, type RunId, type RunView, type TaskId } from '@signalbox/core'
import { humanTests, type TestCounts } from './human-tests.ts'
import { expectThat, reposOf, type Scene } from './scene.ts'

/** Milliseconds between two looks at a run: often enough to feel live, rare enough to cost nothing. */
const LOOK_MS = 100

/** Runs both suites on what lies in the human's checkouts; `want` is how they have to come out. */
export async function showTests(scene: Scene, want: 'red' | 'green'): Promise<Readonly<Record<'api' | 'web', TestCounts>>> {
  const [api, web] = await Promise.all([humanTests(scene.repos.api), humanTests(scene.repos.web)])
  const counts = { api, web }
  for (const [name] of reposOf(scene)) {
    const { passed, failed } = counts[name]
    scene.tell.step(`(cd ${name} && node --test)`)
    scene.tell.line(failed === 0 ? `${passed} pass` : `${passed} pass, ${failed} fail`)
    expectThat((failed === 0) === (want === 'green'), `the tests of ${name} are ${want} on main`)
  }
  return counts
}

/** Shows what an agent would be told about the task, and what was not found. */
export async function showContext({ face, tell }: Scene, task: TaskId): Promise<ContextView> {
  const context = await face.readContext(task)
  tell.step(`signalbox context ${task}`)
  for (const { name, items, empty } of context.sections) {
    const tokens = items.reduce((sum, item) => sum + item.tokens, 0)
    const what = items.map((item) => item.title).join('; ')
    tell.line(`${name.padEnd(12)}${empty ? 'none found' : `${short(items.length, 'item').padEnd(9)}${String(tokens).padStart(5)} tokens  ${cut(what, 70)}`}`)
  }
  tell.line(`${context.tokens} tokens in all, ${context.omitted.length} left out for the budget; sha256 ${context.hash.slice(0, 12)}`)
  expectThat(context.sections.some(({ name, empty }) => name === 'handoffs' && !empty), 'the packet carries the last handoff')
  return context
}

/** Runs the task with the demo agent, telling its events and words as they come; returns the run at its end. */
export async function runTask(scene: Scene, task: TaskId): Promise<RunView> {
  const { face, tell } = scene
  tell.step(`signalbox run ${task} --agent demo`)
  const { id } = await face.startRun(task, { agent: 'demo' })
  let [seen, byte, ended] = [0, 0, false]
  while (!ended) {
    const events = await face.readEvents(id, { after: seen })
    const transcript = await face.readTranscript(id, { from: byte })
    for (const event of events.events) tell.line(sayEvent(event))
    for (const { stream, text } of transcript.lines) if (stream === 'stdout' || stream === 'stderr') tell.line(`  | ${cut(text.trimEnd(), 110)}`)
    seen = events.events.at(-1)?.seq ?? seen
    byte = transcript.next
    ended = events.ended && transcript.lines.length === 0
    if (!ended) await delay(LOOK_MS)
  }
  const run = await face.readRun(id)
  expectThat(run.outcome === 'completed', `${id} completed (it ${run.because})`)
  return run
}

function sayEvent({ type, data }: RunEvent): string {
  if (type === 'round.sealed') return `${type.padEnd(18)} ${data.snapshot.id}: ${data.snapshot.repos.map((repo) => `${repo.repo} ${changeOf(repo)}`).join(', ')}`
  if (type === 'check.finished') return `${type.padEnd(18)} ${sayReceipt(data.receipt)}`
  if (type === 'run.ended') return `${type.padEnd(18)} ${data.outcome}`
  return type
}

/** Shows the page of a run: what it started from, what it left, how it stands. */
export function showRun({ tell }: Scene, run: RunView): void {
  tell.step(`signalbox show ${run.id}`)
  tell.line(`${run.id} of ${run.task} by ${run.agent}, ${run.isolation} checkouts: ${run.outcome ?? run.state}; merge ${run.merge.state}`)
  for (const { repo, baseBranch, baseHead, source } of run.repos) {
    tell.line(`${repo.padEnd(4)} from ${baseBranch} at ${baseHead.slice(0, 10)}; your checkout was ${source.dirty ? `dirty (${source.paths.length})` : 'clean'}`)
  }
  const round = run.snapshots.findLast((snapshot) => snapshot.kind === 'round')
  tell.line(`${round?.id ?? 'no round'}, ${round?.complete === true ? 'complete' : 'incomplete'}, digest ${round?.digest.slice(0, 12) ?? 'none'}; handoff ${run.handoff ?? 'none'}`)
  expectThat(round?.complete === true, 'everything the agent left was captured')
}

/** Shows what changed: files per repo, then the head of the patch. Committed, staged, edited and new files alike are in it. */
export async function showDiff({ face, tell }: Scene, run: RunId): Promise<RunDiff> {
  const diff = await face.diff(run)
  tell.step(`signalbox diff ${run} --stat`)
  for (const { repo, files } of diff.repos) {
    for (const file of files) tell.line(`${repo}/${file.path}`.padEnd(24) + ` ${file.status.padEnd(9)} +${file.insertions ?? '?'} -${file.deletions ?? '?'}`)
  }
  tell.step(`signalbox diff ${run} --repo api`)
  const patch = (diff.repos.find(({ repo }) => repo === 'api')?.patch ?? '').trimEnd().split('\n')
  for (const line of patch.slice(0, PATCH_LINES)) tell.line(line)
  if (patch.length > PATCH_LINES) tell.line(`(${patch.length - PATCH_LINES} more lines)`)
  const paths = diff.repos.flatMap(({ repo, files }) => files.map(({ path }) => `${repo}/${path}`)).toSorted()
  const left = ['api/src/quote.js', 'web/src/money.js', 'web/src/page.js', 'web/src/receipt.js']
  expectThat(paths.join() === left.join(), `the diff holds ${left.join(', ')} and nothing else`)
  return diff
}

/** Lines of the patch that are told; the whole of it is one command away. */
const PATCH_LINES = 24

/** Runs the configured checks on exactly the sealed trees and shows the receipts. */
export async function showChecks({ face, tell }: Scene, run: RunId): Promise<readonly Receipt[]> {
  const { receipts } = await face.checkRun(run)
  tell.step(`signalbox check ${run}`)
  for (const receipt of receipts) tell.line(sayReceipt(receipt))
  expectThat(receipts.length === 2 && receipts.every(isGreen), 'both checks are green on the sealed trees')
  return receipts
}

/** Shows the gate, where nothing but a human's yes may be missing. */
export async function showGate({ face, tell }: Scene, run: RunId): Promise<GateReport> {
  const report = await face.gate(run)
  tell.step(`signalbox gate ${run}`)
  tell.line(`${report.verdict}, digest ${report.digest?.slice(0, 12) ?? 'none'}`)
  for (const { code, message } of report.blockers) tell.line(`${code}: ${message}`)
  expectThat(report.blockers.map(({ code }) => code).join() === 'approval_missing', 'only the approval is missing')
  return report
}

function sayReceipt(receipt: Receipt): string {
  const { repo, name, command, tree, exitCode, durationMs } = receipt
  return `${repo} ${name} ${isGreen(receipt) ? 'green' : 'RED'}: ${command} exited ${exitCode ?? 'never'} on tree ${tree.slice(0, 10)} in ${(durationMs / 1000).toFixed(1)} s`
}

function changeOf({ files, insertions, deletions }: { readonly files: number; readonly insertions: number; readonly deletions: number }): string {
  return `${short(files, 'file')} +${insertions} -${deletions}`
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`
}
