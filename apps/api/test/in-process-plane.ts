import type { HumanFace, NewRun, RunId, TaskId } from '@signalbox/core'
import { openHumanFace, supervise } from '@signalbox/orchestrator'
import { composeServices } from '../src/compose.ts'

export interface InProcessPlane {
  readonly human: HumanFace
  /** Lets a shell script work on a task and waits for the end of the run. */
  runScript(task: TaskId, script: string, options?: Pick<NewRun, 'isolation'>): Promise<RunId>
  /** Waits for the end of the run that was started last. */
  ended(): Promise<void>
  readonly services: Parts
  close(): Promise<void>
}

type Parts = Awaited<ReturnType<typeof composeServices>>['services']

/** All is as in the product, but that the supervisor of a run is not a process of its own, whose start is most of what a run costs; and what a test puts in the place of a part. */
export async function openInProcess(memory: string, env: Readonly<Record<string, string | undefined>>, replace: (services: Parts) => Partial<Parts> = () => ({})): Promise<InProcessPlane> {
  const parts = await composeServices(memory, env)
  let failure: unknown
  let ended: Promise<void> = Promise.resolve()
  const services: Parts = {
    ...parts.services,
    ...replace(parts.services),
    launchSupervisor: async (id) => {
      ended = supervise(services, id, new AbortController().signal).catch((error: unknown) => {
        failure = error
      })
      return process.pid
    },
  }
  const human = await openHumanFace(services)
  const waitForEnd = async (): Promise<void> => {
    await ended
    if (failure !== undefined) throw new Error('the supervisor failed', { cause: failure })
  }
  return {
    human,
    services,
    ended: waitForEnd,
    runScript: async (task, script, options = {}) => {
      const { id } = await human.startRun(task, { agent: 'shell', argv: ['sh', '-c', script], ...options })
      await waitForEnd()
      return id
    },
    close: () => parts.close(),
  }
}
