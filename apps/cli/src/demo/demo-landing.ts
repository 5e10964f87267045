import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exit, exitCodes, gateReportSchema, hasCode, messageOf, type Blocker, type ErrorCode, type GateReport, type Handoff, type HandoffId, type MergeResult, type RunId } from '@signalbox/core'
import { handoffText } from '../text-record.ts'
import { doctorText } from '../text-doctor.ts'
import { blockersText } from '../text-gate.ts'
import { landedText } from '../text-run.ts'
import { visible } from '../untrusted.ts'
import { humanGit } from './human-git.ts'
import { expectThat, reposOf, type Scene } from './scene.ts'

/** The sentence the demo's human adds to the README of web just before the landing. */
const HUMAN_LINE = '\nReceipts are kept for ten years.\n'

/** How a landing was refused. */
export interface Refusal {
  readonly code: ErrorCode
  readonly exitCode: number
  readonly message: string
  readonly blockers: readonly Blocker[]
}

/** Edits a target like a human, asks for the landing, and shows that it is refused without a byte being touched. */
export async function refuseDirty(scene: Scene, run: RunId): Promise<Refusal> {
  const { human, repos, tell } = scene
  tell.step(`echo 'Receipts are kept for ten years.' >> web/README.md    # you, at work in the target meanwhile`)
  await appendFile(join(repos.web, 'README.md'), HUMAN_LINE)
  const before = await look(scene)
  tell.step(`signalbox merge ${run} --approve`)
  const refusal = refusalOf(await human.merge(run, { approve: true }).then(() => undefined, (error: unknown) => error))
  tell.say(`${tell.look.ink.red('✗')} ${visible(refusal.message)}  (${refusal.code}, exit code ${refusal.exitCode})`)
  tell.say(blockersText(refusal.blockers, tell.look))
  const dirt = refusal.blockers.find(({ code, repo }) => code === 'target_dirty' && repo === 'web')
  expectThat(refusal.exitCode === exit.refused && dirt?.remedy.command?.endsWith(' stash -u') === true, 'a landing on a dirty web is refused, with a stash as remedy')
  expectThat((await look(scene)) === before, 'a refused landing touches nothing')
  return refusal
}

function refusalOf(error: unknown): Refusal {
  expectThat(error !== undefined, 'a landing on a dirty checkout is refused')
  if (!hasCode(error, 'gate.blocked')) throw error
  return { code: 'gate.blocked', exitCode: exitCodes['gate.blocked'], message: messageOf(error), blockers: reportOf(error).blockers }
}

/** Reads the gate's report out of a refusal, by shape: the error may come from another installed copy of core. */
function reportOf(error: unknown): GateReport {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined
  return gateReportSchema.parse(typeof data === 'object' && data !== null && 'report' in data ? data.report : undefined)
}

/** Returns everything git can say of both targets: heads, branches and every changed path. */
async function look(scene: Scene): Promise<string> {
  const seen = reposOf(scene).map(async ([, path]) => (await humanGit(path, ['for-each-ref', 'refs/heads'])) + (await humanGit(path, ['status', '--porcelain', '--ignored'])))
  return (await Promise.all(seen)).join()
}

/** Clears the checkout the way the remedy says, and lands: the same command now goes through. */
export async function land({ human, repos, tell }: Scene, run: RunId): Promise<MergeResult> {
  tell.step(`git -C web stash -u`)
  tell.say((await humanGit(repos.web, ['stash', '-u'])).trim())
  tell.step(`signalbox merge ${run} --approve`)
  const result = await human.merge(run, { approve: true })
  tell.say(landedText({ merge: result }, tell.look))
  expectThat(result.state === 'merged' && result.repos.length === 2, 'both repositories landed')
  return result
}

/** Shows the new commits in the human's own repositories, and that their checkouts are clean. */
export async function showLanded(scene: Scene, run: RunId): Promise<void> {
  for (const [name, path] of reposOf(scene)) {
    scene.tell.step(`git -C ${name} log -1`)
    const log = await humanGit(path, ['log', '-1', '--format=%h %s (%an)%n%(trailers:only,unfold)'])
    scene.tell.say(log.trim())
    expectThat(log.includes(`Signalbox-Run: ${run}`), `the commit in ${name} names its run`)
    const status = await humanGit(path, ['status', '--porcelain'])
    expectThat(status === '', `git status of ${name} is clean after the landing`)
    expectThat((await readFile(join(path, '.env'), 'utf8')) === 'SHOP_KEY=only-on-this-machine\n', `the ignored .env of ${name} is untouched`)
  }
  scene.tell.say('git status is clean in both, the ignored .env files are untouched')
}

/** Shows the note to whoever takes up the work next. */
export async function showHandoff({ human, tell }: Scene, id: HandoffId): Promise<Handoff> {
  const handoff = await human.readHandoff(id)
  tell.step(`signalbox handoff show ${id}`)
  tell.say(handoffText(handoff, tell.look))
  return handoff
}

/** Asks doctor, who must find nothing wrong; returns how much was looked at. */
export async function askDoctor({ human, tell }: Scene): Promise<{ readonly ok: number; readonly warnings: number }> {
  const { diagnoses } = await human.doctor()
  tell.step('signalbox doctor')
  tell.say(doctorText(diagnoses, tell.look))
  const problems = diagnoses.filter(({ state }) => state === 'problem')
  expectThat(problems.length === 0, `doctor finds no problem (${problems.map(({ subject }) => subject).join(', ')})`)
  return { ok: diagnoses.filter(({ state }) => state === 'ok').length, warnings: diagnoses.filter(({ state }) => state === 'warning').length }
}

/** Brings the human's edit back and shows that it survived beside what landed. */
export async function restoreEdit({ repos, tell }: Scene): Promise<void> {
  tell.step('git -C web stash pop')
  await humanGit(repos.web, ['stash', 'pop', '--quiet'])
  const status = await humanGit(repos.web, ['status', '--porcelain'])
  tell.say(`${status.trim()}    your sentence is back, on top of what landed`)
  expectThat(status === ' M README.md\n' && (await readFile(join(repos.web, 'README.md'), 'utf8')).endsWith(HUMAN_LINE), "the human's own edit survived the landing")
}
