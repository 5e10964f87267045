import type { Agent, Launch, Run } from '@signalbox/core'
import { createDesk, type Desk } from './agent-desk.ts'
import type { Services } from './services.ts'
import { newToolToken } from './tool-token.ts'
import type { Transcript } from './transcript.ts'

/** Name under which an agent is given our own tool server. */
const ownServer = 'signalbox'

/** Our tool server as one start of an agent has it. */
export interface OfferedTools {
  readonly launch: NonNullable<Launch['mcp']>
  readonly desk: Desk
  close(): Promise<void>
}

/** Starts our tool server for an agent that takes one, with a token of its own; undefined where there is none. */
export async function offerTools(services: Services, run: Run, agent: Agent, transcript: Pick<Transcript, 'write'>): Promise<OfferedTools | undefined> {
  if (agent.abilities?.mcp !== true) return undefined
  if (run.sandbox?.network === 'deny') {
    transcript.write('signalbox', 'The agent has no tools of Signalbox: its sandbox has no network, and so it can neither ask, report nor look anything up')
    return undefined
  }
  const desk = createDesk(services, run.id)
  const token = newToolToken()
  const { url, close } = await services.toolServer.serve(desk.face, token)
  return { launch: { name: ownServer, url, token }, desk, close }
}
