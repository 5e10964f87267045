import { count, isGreen, type ContextView, type GateReport, type Receipt, type RunDiff, type RunId, type RunView, type TaskId } from '@signalbox/core'
import { followRun } from '../follow.ts'
import { cut } from '../table.ts'
import { createTeller } from '../teller.ts'
import { receiptsText } from '../text-check.ts'
import { patchPage } from '../text-diff.ts'
import { blockersText } from '../text-gate.ts'
import { runText } from '../text-run.ts'
import { visible } from '../untrusted.ts'
import { humanTests, type TestCounts } from './human-tests.ts'
import { expectThat, reposOf, type Scene } from './scene.ts'

/** Runs both suites on what lies in the human's checkouts; `want` is how they have to come out. */
export async function showTests(scene: Scene, want: 'red' | 'green'): Promise<Readonly<Record<'api' | 'web', TestCounts>>> {
  const [api, web] = await Promise.all([humanTests(scene.repos.api), humanTests(scene.repos.web)])
  const counts = { api, web }
  const { green, red } = scene.tell.look.ink
  scene.tell.step('(cd api && node --test); (cd web && node --test)')
  for (const [name] of reposOf(scene)) {
    const { passed, failed } = counts[name]
    scene.tell.say(`${name}  ${failed === 0 ? green(`${passed} pass`) : red(`${passed} pass, ${failed} fail`)}`)
    expectThat((failed === 0) === (want === 'green'), `the tests of ${name} are ${want} on main`)
  }
  return counts
}

/** Columns a packet's titles may take on a line: the rest is cut, for `signalbox context` shows all. */
const TITLES_WIDTH = 72

/** Shows what an agent would be told about the task, and what was not found. */
export async function showContext({ human, tell }: Scene, task: TaskId): Promise<ContextView> {
  const context = await human.readContext(task)
  const { bold, dim } = tell.look.ink
  tell.step(`signalbox context ${task}`)
  for (const { name, items, empty } of context.sections) {
    const tokens = items.reduce((sum, item) => sum + item.tokens, 0)
    const titles = cut(items.map((item) => visible(item.title)).join('; '), TITLES_WIDTH)
    tell.say(`${bold(name.padEnd(11))}  ${empty ? dim('none found') : `${count(items.length, 'item').padEnd(7)}  ${String(tokens).padStart(4)} tokens  ${dim(titles)}`}`)
  }
  tell.say(`${context.tokens} of ${context.budget} tokens, ${context.omitted.length} left out, sha256 ${context.hash.slice(0, 10)}`)
  expectThat(context.sections.some(({ name, empty }) => name === 'handoffs' && !empty), 'the packet carries the last handoff')
  return context
}

/** Runs the task with the demo agent, telling its events and words as they come; returns the run at its end. */
export async function runTask({ human, tell }: Scene, task: TaskId): Promise<RunView> {
  tell.step(`signalbox run ${task} --agent demo`)
  const { id } = await human.startRun(task, { agent: 'demo' })
  await followRun(human, id, createTeller(tell.say, tell.look))
  const run = await human.readRun(id)
  expectThat(run.outcome === 'completed', `${id} completes (${run.because})`)
  expectThat(run.snapshots.at(-1)?.complete === true, 'everything the agent left was captured')
  tell.step(`signalbox show ${id}`)
  // The whole page is one command away; its events and checks were just told.
  tell.say(runText({ ...run, snapshots: [], timeline: [], receipts: [], repos: [], packet: null }, tell.look))
  return run
}

/** Lines of the patch that are told; the whole of it is one command away. */
const PATCH_LINES = 8

/** What the agent changes; the patch must hold it and nothing else. */
const CHANGED = ['api/src/quote.js', 'web/src/money.js', 'web/src/page.js', 'web/src/receipt.js']

/** Shows what changed: committed, staged, edited and new files alike. */
export async function showDiff({ human, tell }: Scene, run: RunId): Promise<RunDiff> {
  const diff = await human.diff(run)
  tell.step(`signalbox diff ${run} --stat`)
  for (const { repo, files } of diff.repos) {
    for (const { path, status, insertions, deletions } of files) tell.say(`${status.padEnd(8)}  +${insertions ?? 0} -${deletions ?? 0}  ${repo}/${visible(path)}`)
  }
  tell.step(`signalbox diff ${run} --repo api`)
  const patch = patchPage({ ...diff, repos: diff.repos.filter(({ repo }) => repo === 'api') }, tell.look).trimEnd().split('\n')
  const hunk = patch.slice(patch.findIndex((line) => line.includes('@@')))
  tell.say(hunk.slice(0, PATCH_LINES).join('\n'))
  if (hunk.length > PATCH_LINES) tell.say(tell.look.ink.dim(`... and ${count(hunk.length - PATCH_LINES, 'more line')}`))
  const paths = diff.repos.flatMap(({ repo, files }) => files.map(({ path }) => `${repo}/${path}`)).toSorted()
  expectThat(paths.join() === CHANGED.join(), `the diff holds ${CHANGED.join(', ')} and nothing else`)
  return diff
}

/** Runs the configured checks on exactly the sealed trees and shows the receipts. */
export async function showChecks({ human, tell }: Scene, run: RunId): Promise<readonly Receipt[]> {
  const { receipts } = await human.checkRun(run)
  tell.step(`signalbox check ${run}`)
  tell.say(receiptsText(receipts, tell.look))
  expectThat(receipts.length === 2 && receipts.every(isGreen), 'both checks are green on the sealed trees')
  return receipts
}

/** Shows the gate, where nothing but a human's yes may be missing. */
export async function showGate({ human, tell }: Scene, run: RunId): Promise<GateReport> {
  const report = await human.gate(run)
  tell.step(`signalbox gate ${run}`)
  tell.say(`${report.verdict}: ${report.repos.map(({ repo, branch }) => `${repo} → ${branch}`).join(', ')}`)
  tell.say(blockersText(report.blockers, tell.look))
  expectThat(report.blockers.map(({ code }) => code).join() === 'approval_missing', 'only the approval is missing')
  return report
}
