import type { AgentEvent, AgentEventOf, Launch } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { asId, asObjects, asText, lookUp, type Json } from '../output/json.ts'
import type { Peer } from './peer.ts'
import type { AcpQuirks } from './profile.ts'
import { rpcCodes, RpcError } from './rpc.ts'

/** A session that is ready to be prompted. */
export interface Session extends Pick<AgentEventOf<'session'>, 'id' | 'how' | 'model' | 'mode'> {
  /** Set when the session that was to go on is not there: what the agent knows of its task has to be said again. */
  readonly isForgotten: boolean
}

/** Milliseconds to get ready. An agent that updates its database, or waits for a tool server, needs many; one that never answers is given up. */
const readyMs = 120_000

/** The session cannot be had, for a reason that a sentence says. */
export class NoSession extends Error {
  override readonly name = 'NoSession'
  readonly where: 'agent' | 'protocol'

  constructor(where: 'agent' | 'protocol', message: string, cause?: unknown) {
    super(message, { cause })
    this.where = where
  }
}

interface Opening {
  readonly peer: Peer
  readonly launch: Launch
  readonly quirks: AcpQuirks
  readonly loginHint: string
  readonly tell: (event: AgentEvent) => void
}

/** Greets the agent, opens or goes on with a session, and sets its mode. @throws NoSession · PeerGone · RpcTimeout */
export async function openSession(opening: Opening): Promise<Session> {
  const { peer, quirks, launch, loginHint } = opening
  try {
    const info = await peer.request('initialize', greeting(quirks), readyMs)
    const version = lookUp(info, 'protocolVersion')
    if (version !== 1) throw new NoSession('protocol', `It speaks version ${clip(JSON.stringify(version) ?? 'none', 100)} of the Agent Client Protocol, not 1`)
    const given = { cwd: launch.cwd, mcpServers: toolServersOf(launch, quirks) }
    const { id, how, result, isForgotten } = await enter(opening, info, given)
    return { id, how, isForgotten, model: modelIn(result), mode: await setMode(peer, quirks, id) }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    if (error.code === rpcCodes.loginNeeded) throw new NoSession('agent', `It wants a login. ${loginHint}`, error)
    throw new NoSession('agent', `It opens no session: ${error.message}`, error)
  }
}

function greeting({ offerFs }: AcpQuirks): Json {
  return {
    protocolVersion: 1,
    clientCapabilities: { fs: { readTextFile: offerFs, writeTextFile: offerFs }, terminal: false },
    clientInfo: { name: 'signalbox', title: 'Signalbox', version: '0.0.0' },
  }
}

function toolServersOf({ mcp }: Launch, quirks: AcpQuirks): readonly Json[] {
  if (mcp === undefined || quirks.mcpTransport === 'none') return []
  return [{ type: 'http', name: mcp.name, url: mcp.url, headers: [{ name: 'Authorization', value: `Bearer ${mcp.token}` }] }]
}

/** Goes on with the session there is, else opens one. Whatever keeps it from going on, a new session is better than none, and is said to be one. */
async function enter({ peer, launch, quirks, tell }: Opening, info: unknown, given: Json): Promise<Pick<Session, 'id' | 'how' | 'isForgotten'> & { readonly result: unknown }> {
  if (launch.session !== undefined) {
    const way = wayOn(info, quirks)
    try {
      if (way === undefined) throw new RpcError(rpcCodes.noSuchMethod, 'it goes on with none')
      const result = await peer.request(`session/${way}`, { sessionId: launch.session, ...given }, readyMs)
      return { id: launch.session, how: way === 'load' ? 'loaded' : 'resumed', result, isForgotten: false }
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      tell({ type: 'notice', level: 'warning', text: `It cannot go on with its session ${launch.session} (${error.message}), and starts a new one` })
    }
  }
  const result = await peer.request('session/new', given, readyMs)
  const id = asId(lookUp(result, 'sessionId'))
  if (id === undefined) throw new NoSession('protocol', 'It opened a session without an id that can be kept')
  return { id, how: 'new', result, isForgotten: launch.session !== undefined }
}

function wayOn(info: unknown, { resume }: AcpQuirks): 'resume' | 'load' | undefined {
  if (resume === 'resume' && lookUp(info, 'agentCapabilities', 'sessionCapabilities', 'resume') !== undefined) return 'resume'
  return resume !== 'none' && lookUp(info, 'agentCapabilities', 'loadSession') === true ? 'load' : undefined
}

/** An agent that cannot be set to it may be in a mode that lets a model grant permissions: it is not prompted. */
async function setMode(peer: Peer, { mode }: AcpQuirks, sessionId: string): Promise<string | null> {
  if (mode === undefined) return null
  try {
    if (mode.option === undefined) await peer.request('session/set_mode', { sessionId, modeId: mode.id }, readyMs)
    else await peer.request('session/set_config_option', { sessionId, configId: mode.option, value: mode.id }, readyMs)
    return mode.id
  } catch (error) {
    if (error instanceof RpcError) throw new NoSession('agent', `It cannot be set to its mode ${mode.id}: ${error.message}`, error)
    throw error
  }
}

function modelIn(result: unknown): string | null {
  const option = asObjects(lookUp(result, 'configOptions')).find((each) => each['category'] === 'model' || each['id'] === 'model')
  const model = asText(lookUp(result, 'models', 'currentModelId')) ?? asText(option?.['currentValue'])
  return model === undefined ? null : clip(model, 200)
}
