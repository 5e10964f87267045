import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtInAgents, createTemplateAgent } from '@signalbox/agents'
import { ControlError, type AgentRecordsFace, type GuestFace, type HumanFace, type Live, type RunId } from '@signalbox/core'
import { createGit, createGitEngine } from '@signalbox/git'
import { createLocks, createMemoryIndex, createRecordWatch, findMemory as findMemoryRepo, initMemory as initMemoryRepo, openMemory, readActor, stateFolderOf, stateRootOf, type MemoryStore } from '@signalbox/memory'
import { programsHere, type Programs } from '@signalbox/programs'
import { createAgentFace, createGuestFace, createLive, createServices, openHumanFace, type Collaborators, type Services } from '@signalbox/orchestrator'
import { createBehind } from './compose/behind.ts'
import { createSecretRules } from '@signalbox/secrets'
import { diagnoseParts } from './compose/diagnose.ts'
import { createLazySandbox } from './compose/lazy-sandbox.ts'
import { lazyToolServer } from './compose/lazy-tool-server.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface ControlPlaneOptions {
  /** Folder of the memory repo. */
  readonly memory: string
  /** Environment of the human: says where state lies, and agents and checks are started with it. `process.env` by default. */
  readonly env?: Environment
  /** What starts git and supervisors. This process itself by default. */
  readonly programs?: Programs
}

/** A control plane in this process. `close` lets go of its files; runs go on in their own processes. */
export interface ControlPlane {
  readonly human: HumanFace
  /** Returns what the agent of one run may ask of any process: of that run, and nothing that decides. */
  readonly agentOf: (run: RunId) => AgentRecordsFace
  /** What tools of the human's own may look up and propose, without a run. */
  readonly guest: GuestFace
  /** Follows changes by anybody; costs nothing while nobody asks. */
  readonly live: Live
  close(): Promise<void>
}

/**
 * Opens the control plane of a memory repo, after settling what killed processes left.
 * @throws ControlError `memory.not_found`, `config.invalid`, `git.not_found`, `git.too_old`, `disk.*`
 */
export async function createControlPlane({ memory, env = process.env, programs }: ControlPlaneOptions): Promise<ControlPlane> {
  const parts = await composeServices(memory, env, programs)
  const live = createLive(parts.services)
  const human = await openHumanFace(parts.services)
  return {
    human,
    agentOf: (run) => createAgentFace(parts.services, run),
    guest: createGuestFace(parts.services),
    live,
    close: async () => {
      live.close()
      await parts.close()
    },
  }
}

/**
 * Makes or adopts the memory repo at `dir`; asking again changes nothing. The first one becomes the user's default.
 * @throws ControlError `input.invalid`, `git.*`, `disk.*`
 */
export async function initMemory(dir: string, env: Environment = process.env): Promise<{ readonly memory: string }> {
  // Whoever sets up with a git that cannot do the rest should learn it here, not at the first repo.
  await createGit({ env })('vault', ['version'], { cwd: process.cwd() })
  const made = await initMemoryRepo(dir, env)
  return { memory: made.dir }
}

/**
 * Finds the memory repo somebody means: named, `SIGNALBOX_MEMORY`, upwards from `cwd`, else the user's default.
 * @throws ControlError `memory.not_found`
 */
export function findMemory({ memory, cwd, env }: { readonly memory?: string | undefined; readonly cwd: string; readonly env: Environment }): Promise<string> {
  return findMemoryRepo({ memory, cwd, environment: env })
}

/** The agents that can be named in a run, with a line for humans. */
export function listAgents(): readonly { readonly name: string; readonly summary: string }[] {
  return builtInAgents().map(({ name, summary }) => ({ name, summary }))
}

/** Fits the packages together: the one place that knows them all. */
export async function composeServices(dir: string, env: Environment, programs: Programs = programsHere): Promise<{ readonly services: Services; close(): Promise<void> }> {
  const stateDir = stateFolderOf(stateRootOf(env), dir)
  const memory = await openMemory(dir, { state: stateDir, environment: env, runProgram: programs.run })
  const index = createMemoryIndex(memory)
  const git = createGitEngine({ stateDir, env, runProgram: programs.run })
  const behind = createBehind()
  const sandbox = createLazySandbox(env, stateRootOf(env))
  const collaborators = {
    stateDir,
    memory,
    packets: index.packets,
    search: index.search,
    recordWatch: createRecordWatch(memory.dir),
    sources: git.sources,
    workspaces: git.workspaces,
    snapshots: git.snapshots,
    tripwire: git.tripwire,
    landing: git.landing,
    remotes: git.remotes,
    care: git.care,
    secretRules: createSecretRules(),
    sandbox,
    toolServer: lazyToolServer,
    agents: builtInAgents(),
    templateAgent: createTemplateAgent,
    locks: createLocks(),
    clock: { now: () => new Date().toISOString() },
    readActor: () => readActor(memory.dir, env, programs.run),
    env,
    behind: (work) => behind.add(work),
    launchSupervisor: (run, logFile) => launchSupervisor(memory, run, { log: logFile, env, programs }),
    diagnose: (active) => diagnoseParts({ memory, stateDir, env, active, sandbox, runProgram: programs.run }),
  } satisfies Collaborators
  const close = async (): Promise<void> => {
    await behind.ended()
    await index.close()
  }
  return { services: createServices(collaborators), close }
}

/** Built, it lies beside this file; in this repository's own tests it is run from its source. */
const supervisorFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './supervisor.ts' : './supervisor.js', import.meta.url))

/** Starts the process that owns a run. It is detached: it outlives whoever started it. */
async function launchSupervisor(memory: MemoryStore, run: RunId, { log, env, programs }: { readonly log: string; readonly env: Environment; readonly programs: Programs }): Promise<number> {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 })
  const end = await programs.launch({ file: process.execPath, args: [supervisorFile, memory.dir, run], cwd: memory.dir, env, log })
  if (end.kind === 'launched') return end.pid
  throw new ControlError('run.failed', `The supervisor of ${run} was not seen to start: ${end.message}`, { hint: 'Run `signalbox doctor`, then try again' })
}
