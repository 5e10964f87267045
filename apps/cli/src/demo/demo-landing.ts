import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exit, exitCodes, gateReportSchema, hasCode, messageOf, type Blocker, type ErrorCode, type GateReport, type Handoff, type MergeResult, type RunId, type TaskId } from '@signalbox/core'
import { handoffText } from '../text-record.ts'
import { doctorText } from '../text-doctor.ts'
import { blockersText } from '../text-gate.ts'
import { landedText } from '../text-run.ts'
import { HUMAN_ENV } from './demo-repos.ts'
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

/** Edits a target like a human at work there: a landing on it is refused until that is put away. */
export async function editTarget(web: string): Promise<void> {
  await appendFile(join(web, 'README.md'), HUMAN_LINE)
}

/** Edits a target like a human, asks for the landing, and shows that it is refused without a byte being touched. */
export async function refuseDirty(scene: Scene, run: RunId): Promise<Refusal> {
  const { human, repos, tell } = scene
  tell.step("echo 'Receipts are kept for ten years.' >> web/README.md  # you, at work there meanwhile")
  await editTarget(repos.web)
  const before = await look(scene)
  tell.step(`signalbox merge ${run} --approve`)
  const refusal = refusalOf(await human.merge(run, { approve: true }).then(() => undefined, (error: unknown) => error))
  tell.say(`refused: ${refusal.code}, exit code ${refusal.exitCode}`)
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
  tell.step('git -C web stash -u')
  tell.say(await humanGit(repos.web, ['stash', '-u']))
  tell.step(`signalbox merge ${run} --approve`)
  const result = await human.merge(run, { approve: true })
  tell.say(landedText({ merge: result }, tell.look))
  expectThat(result.state === 'merged' && result.repos.length === 2, 'both repositories landed')
  return result
}

/** Shows the new commits in the human's own repositories, and that their checkouts are clean. */
export async function showLanded(scene: Scene, run: RunId): Promise<void> {
  scene.tell.step('git -C api log -1; git -C web log -1; git -C api status -s; git -C web status -s')
  for (const [name, path] of reposOf(scene)) {
    const log = await humanGit(path, ['log', '-1', '--format=%h %s%n%(trailers:only,unfold,separator=%x2C )'])
    scene.tell.say(`${name}  ${log.replace('\n', '\n     ')}`)
    expectThat(log.includes(`Signalbox-Run: ${run}`), `the commit in ${name} names its run`)
    expectThat((await humanGit(path, ['status', '--porcelain'])) === '', `git status of ${name} is clean after the landing`)
    expectThat((await readFile(join(path, '.env'), 'utf8')) === HUMAN_ENV, `the ignored .env of ${name} is as it was`)
  }
}

/** Closes the run with a note to whoever takes up the work next; what changed and what was checked is filled in from its record. */
export async function writeHandoff({ human, tell }: Scene, task: TaskId, run: RunId): Promise<Handoff> {
  const what = 'Discounted prices add up and name their currency'
  const next = 'Let the shop choose its currency; api says EUR for now'
  tell.step(`signalbox handoff new --task ${task} --run ${run} --what '${what}' --next '${next}'`)
  const handoff = await human.createHandoff({ task, run, what, next })
  tell.say(handoffText(handoff, tell.look))
  const { changed, validation } = handoff.evidence
  expectThat(changed.length === 2 && changed.every(({ files }) => files.length > 0), 'the handoff names the files that changed')
  expectThat(validation.length === 2 && validation.every(({ kind }) => kind === 'fact'), 'the handoff holds both receipts as facts')
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
  tell.say(`${status.trim()}  your sentence is back, on top of what landed`)
  expectThat(status === ' M README.md\n' && (await readFile(join(repos.web, 'README.md'), 'utf8')).endsWith(HUMAN_LINE), "the human's own edit survived the landing")
}
