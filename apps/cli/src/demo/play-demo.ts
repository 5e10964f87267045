import { dirname } from 'node:path'
import { quote, type RunId, type TaskId } from '@signalbox/core'
import type { Session } from '../session.ts'
import { writeLauncher, type DemoFolder } from './demo-folder.ts'
import { askDoctor, editTarget, land, refuseDirty, restoreEdit, showLanded, writeHandoff } from './demo-landing.ts'
import { fillMemory } from './demo-memory.ts'
import { makeRepos } from './demo-repos.ts'
import { runTask, showChecks, showContext, showDiff, showGate, showTests } from './demo-steps.ts'
import { HUMAN, humanGit } from './human-git.ts'
import type { Narrator } from './narrator.ts'
import type { Scene } from './scene.ts'

export interface DemoRequest {
  readonly folder: DemoFolder
  readonly tell: Narrator
  /** Program and first arguments that run this command line again. */
  readonly program: readonly [string, ...string[]]
  readonly env: NodeJS.ProcessEnv
}

/**
 * Walks the whole loop in a folder of its own and returns what came out of each step.
 * @throws ControlError `internal.unexpected` when Signalbox did not keep a promise, or whatever a step throws
 */
export async function playDemo({ folder, tell, program, env }: DemoRequest) {
  tell.part(`A throwaway workspace in ${folder.dir}`)
  const repos = await makeRepos(folder.dir)
  const session = await openDemo(folder, env)
  try {
    const scene: Scene = { human: session.human, repos, tell }
    const { id: task, title } = await fillMemory(scene.human, repos)
    await writeLauncher(folder, program, nodeFolder)
    tell.say(`Two repositories (api, web), a memory, and a task that needs both: ${task} ${title}`)
    const review = await playReview(scene, task)
    const landing = await playLanding(scene, task, review.run)
    sayGoodbye(tell, folder, review.run)
    return { ...folder, repos, task, ...review, ...landing }
  } finally {
    await session.close()
  }
}

/** A demo that waits for its human. */
export interface DemoForReview {
  readonly folder: DemoFolder
  readonly run: RunId
  /** What a control plane of this demo is opened with. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * Plays the demo up to a sealed and checked run that waits for review, with an edit of the human's in one of its
 * targets: everything after that is for the human to do.
 * @throws ControlError like `playDemo`
 */
export async function playToReview({ folder, tell, program, env }: DemoRequest): Promise<DemoForReview> {
  tell.part(`A demo to review in ${folder.dir}`)
  const repos = await makeRepos(folder.dir)
  const session = await openDemo(folder, env)
  try {
    const scene: Scene = { human: session.human, repos, tell }
    const { id: task } = await fillMemory(scene.human, repos)
    await writeLauncher(folder, program, nodeFolder)
    const { id: run } = await runTask(scene, task)
    await editTarget(repos.web)
    tell.say('Meanwhile somebody edited web/README.md: the gate will ask to put that away first')
    return { folder, run, env: demoEnvironment(folder, env) }
  } finally {
    await session.close()
  }
}

/** From the red tests to the gate: everything a human looks at before saying yes. */
async function playReview(scene: Scene, task: TaskId) {
  const testsBefore = await showTests(scene, 'red')
  const { hash, tokens, sections } = await showContext(scene, task)
  const run = await runTask(scene, task)
  const diff = await showDiff(scene, run.id)
  const receipts = await showChecks(scene, run.id)
  const { verdict, digest, blockers } = await showGate(scene, run.id)
  return {
    testsBefore,
    context: { hash, tokens, sections: sections.map(({ name, items }) => ({ name, items: items.length })) },
    run: run.id,
    outcome: run.outcome,
    diff: diff.repos.map(({ repo, files }) => ({ repo, files })),
    checks: receipts.map(({ repo, name, tree, exitCode, durationMs }) => ({ repo, name, tree, exitCode, durationMs })),
    gate: { verdict, digest, blockers: blockers.map(({ code }) => code) },
  }
}

/** From the refused landing to the clean end. */
async function playLanding(scene: Scene, task: TaskId, run: RunId) {
  const refused = await refuseDirty(scene, run)
  const landed = await land(scene, run)
  await showLanded(scene, run)
  const testsAfter = await showTests(scene, 'green')
  const handoff = await writeHandoff(scene, task, run)
  const doctor = await askDoctor(scene)
  await restoreEdit(scene)
  return { refused, landed, testsAfter, handoff: { id: handoff.id, what: handoff.what, next: handoff.next }, doctor, humanEditKept: true }
}

/** Says where everything lies and what to type next. */
function sayGoodbye(tell: Narrator, { dir, state }: DemoFolder, run: RunId): void {
  tell.part('What next')
  tell.say(`cd ${quote(dir)}`)
  tell.say(`./signalbox show ${run}            where the run and its landing stand`)
  tell.say(`./signalbox diff ${run}            the patch, as it was reviewed`)
  tell.say('./signalbox search "half cents"   what the memory knows')
  tell.say('git -C memory log --oneline       all of this, as commits of plain files')
  tell.say(`Delete the folder when you are done; nothing of the demo is anywhere else${state.startsWith(dir) ? '' : `, but for its state in ${state}`}.`)
}

/** The checks of the demo say `node`; whichever runs us is one that fits. */
const nodeFolder = dirname(process.execPath)

/** Makes the memory repo and returns the same client that every command uses. */
async function openDemo(folder: DemoFolder, inherited: NodeJS.ProcessEnv): Promise<Session> {
  const api = await import('@signalbox/api')
  const { memory } = folder
  const env = demoEnvironment(folder, inherited)
  await api.initMemory(memory, env)
  await humanGit(memory, ['config', 'user.name', HUMAN.name])
  await humanGit(memory, ['config', 'user.email', HUMAN.email])
  const plane = await api.createControlPlane({ memory, env })
  const app = api.createApp({ human: plane.human })
  return { human: api.createClient({ fetch: app.request }), close: () => plane.close() }
}

function demoEnvironment({ state }: DemoFolder, inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...inherited, SIGNALBOX_STATE: state, PATH: `${nodeFolder}:${inherited['PATH'] ?? ''}` }
}
