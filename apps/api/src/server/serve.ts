import { getRequestListener } from '@hono/node-server'
import type { AgentRecordsFace, HumanFace, RunId } from '@signalbox/core'
import { createAgentApp } from '../agent-app.ts'
import { createApp, type Plane } from '../app.ts'
import { trackExchanges } from './exchanges.ts'
import { createHandler, type HandlerParts } from './handler.ts'
import { createHttpServer } from './http-server.ts'
import { claimInstance, readLastPort } from './instance.ts'
import { listenOnLoopback, type Listening } from './listen.ts'
import { requireNamedApprovals } from './named-approval.ts'
import type { ServerState } from './server-state.ts'
import type { Served } from './session.ts'
import { createStaticFiles, type WebFiles } from './static-files.ts'
import { createTokenReader } from './tokens.ts'

/** The control plane that is served, and how to let go of it. */
export interface ServedPlane extends Plane {
  readonly agentOf: (run: RunId) => AgentRecordsFace
  close(): Promise<void>
}

export interface ServeOptions {
  readonly state: ServerState
  readonly served: Served
  /** Opens the control plane, once it is certain that no other server of it runs. */
  readonly openPlane: () => Promise<ServedPlane>
  readonly files: WebFiles
  /** The port it has to be; undefined takes that of last time or any free one. */
  readonly port: number | undefined
  /** Gets lines for a log. None ever holds a token or a code. */
  readonly note: (line: string) => void
}

/** A server that listens. */
export interface RunningServer {
  /** Its origin, such as `http://127.0.0.1:4711`. */
  readonly url: string
  /** Where its API begins. */
  readonly api: string
  readonly pid: number
  readonly human: HumanFace
  /** Stops listening, lets calls under way end, and lets go of everything. Runs go on. */
  close(): Promise<void>
}

/**
 * Serves a control plane on loopback: one server per memory repo, on the port of last time.
 * @throws ControlError `server.running`, `server.port_taken`, or what opening the plane throws
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { state } = options
  const instance = await claimInstance(state)
  const undo: (() => unknown)[] = [() => instance.release()]
  try {
    const plane = await options.openPlane()
    undo.push(() => plane.close())
    const { listening, exchanges } = await listen(options, plane)
    undo.push(() => exchanges.end(listening.servers))
    const url = `http://127.0.0.1:${listening.port}`
    await instance.announce(url, listening.port)
    return {
      url,
      api: `${url}/api`,
      pid: process.pid,
      human: plane.human,
      close: () => unwind(undo),
    }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

/** Returns the address that lets a page in: a fragment is never sent to a server and written into no log. */
export function linkTo(url: string, code: string): string {
  return `${url}/#code=${code}`
}

async function listen({ state, served, files, port, note }: ServeOptions, plane: ServedPlane): Promise<{ readonly listening: Listening; readonly exchanges: ReturnType<typeof trackExchanges> }> {
  const parts = { state, served, note, findAuthority: createTokenReader(state), files: createStaticFiles(files), appOf: createApps(plane) } satisfies HandlerParts
  const exchanges = trackExchanges(createHandler(parts))
  const listening = await listenOnLoopback(() => createHttpServer(exchanges.handle, note), { wanted: port, usual: await readLastPort(state) })
  return { listening, exchanges }
}

type Listener = ReturnType<typeof getRequestListener>

const listenerOf = (app: ReturnType<typeof createAgentApp> | ReturnType<typeof createApp>): Listener => getRequestListener(app.fetch)

/** Returns the app of each authority: one for humans, one per run for its agent. */
function createApps(plane: ServedPlane): HandlerParts['appOf'] {
  const human = listenerOf(createApp({ ...plane, human: requireNamedApprovals(plane.human) }))
  const agents = new Map<RunId, Listener>()
  return (authority) => {
    if (authority.role !== 'agent') return human
    const { run } = authority
    const app = agents.get(run) ?? listenerOf(createAgentApp({ ...plane, run, agent: plane.agentOf(run) }))
    agents.set(run, app)
    return app
  }
}

/** Takes back what was begun, the last first; whatever fails, the rest is still done. */
async function unwind(undo: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
