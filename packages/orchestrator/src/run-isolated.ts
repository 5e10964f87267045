import { mkdir } from 'node:fs/promises'
import type { Run } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import { runCommand, type CommandEnd, type CommandRequest } from './command.ts'
import { runTagName } from './process-tree.ts'
import type { Services } from './services.ts'
import { watchRoom } from './watch-room.ts'

/** What a confined command reaches beside what anybody can read. */
export interface Reach {
  /** Folder of ours for its home and temporary files. */
  readonly folder: string
  readonly write: readonly string[]
  readonly read: readonly string[]
}

/** Runs a command of a run under the run's isolation. One that leaves too little room to save what the run made is killed. @throws ControlError `sandbox.unavailable` */
export async function runIsolated(services: Services, run: Run, request: Omit<CommandRequest, 'isConfined' | 'kill'>, reach: () => Promise<Reach>): Promise<CommandEnd> {
  const room = watchRoom(services)
  try {
    return await runConfined(services, run, { ...request, kill: room.low }, reach)
  } finally {
    await room.stop()
  }
}

async function runConfined(services: Services, run: Run, request: Omit<CommandRequest, 'isConfined'>, reach: () => Promise<Reach>): Promise<CommandEnd> {
  const policy = run.sandbox
  if (policy === undefined) return runCommand({ ...request, isConfined: false })
  const { argv, cwd, env } = request
  const confined = await services.sandbox.confine({ argv, cwd, env, inside: { [runTagName]: request.tag }, policy, ...(await reach()) })
  return runCommand({ ...request, ...confined, isConfined: true })
}

/** What an agent reaches: what its setup does, and the folder of what it keeps for itself. */
export async function reachOfAgent(services: Services, run: Run): Promise<Reach> {
  const { agentHome } = services.layout.run(run.id)
  await mkdir(agentHome, { recursive: true, mode: 0o700 })
  const reach = await reachOfWorkspace(services, run)
  return { ...reach, write: [...reach.write, agentHome] }
}

/** What the setup of a run reaches: the whole workspace, the run's own git directories, and to read, what those borrow. */
export async function reachOfWorkspace(services: Services, run: Run): Promise<Reach> {
  const layout = services.layout.run(run.id)
  const checkouts = await Promise.all(run.repos.map((repo) => checkoutOf(services, run, repo)))
  const git = checkouts.map((checkout) => services.workspaces.reachOfCheckout(checkout))
  return {
    folder: layout.sandbox,
    write: [layout.workspace, ...checkouts.map(({ path }) => path), ...git.flatMap(({ gitDir }) => gitDir ?? [])],
    read: [...checkouts.map(({ source }) => source.path), ...git.flatMap(({ stores }) => stores), services.memory.dir, layout.packet],
  }
}
