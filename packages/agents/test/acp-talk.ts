import type { AgentEvent, Conversation, ConversationEnd, Launch } from '@signalbox/core'
import { scriptPeer, type Message, type ScriptedPeer } from '@signalbox/testkit'
import { converseAcp } from '../src/acp/converse.ts'
import type { AcpProfile, AcpQuirks } from '../src/acp/profile.ts'
import { acpProfiles } from '../src/acp/profiles.ts'

/** What a scripted agent does in its turn. */
export interface Script {
  readonly onPrompt: (peer: ScriptedPeer, id: string | number) => void | Promise<void>
  readonly onCancel?: (peer: ScriptedPeer, prompt: string | number) => void
  /** It asked, and its question waits. */
  readonly onAsked?: (peer: ScriptedPeer, prompt: string | number) => void
  readonly onAnswer?: (peer: ScriptedPeer, prompt: string | number) => void
  readonly onPermission?: Conversation['askPermission']
  readonly signal?: AbortSignal
  readonly session?: string
  /** The one it works in, with its packet. */
  readonly folder?: string
  readonly quirks?: Partial<AcpQuirks>
  readonly mode?: Pick<Message, 'error'>
  readonly opened?: Pick<Message, 'error' | 'result'>
  /** Its events are not kept. */
  readonly isSilent?: boolean
}

/** Holds a conversation with a scripted agent that opens a session `s1` and goes on with none. */
export async function talk(script: Script): Promise<{ end: ConversationEnd; events: readonly AgentEvent[]; heard: readonly Message[] }> {
  let prompt: string | number = 0
  const peer = scriptPeer(({ id = 0, method }, self) => {
    if (method === 'initialize') void self.say({ id, result: { protocolVersion: 1, agentCapabilities: { sessionCapabilities: { resume: {} } } } })
    else if (method === 'session/resume') void self.say({ id, error: { code: -32002, message: 'Resource not found' } })
    else if (method === 'session/new') void self.say({ id, ...(script.opened ?? { result: { sessionId: 's1' } }) })
    else if (method === 'session/set_mode') void self.say({ id, ...(script.mode ?? { result: {} }) })
    else if (method === 'session/prompt') void script.onPrompt(self, (prompt = id))
    else if (method === 'session/cancel') script.onCancel?.(self, prompt)
    else if (method === undefined) script.onAnswer?.(self, prompt)
  })
  const events: AgentEvent[] = []
  const { folder = '/nowhere' } = script
  const launch: Launch = { prompt: 'Do it', packet: `${folder}/packet.md`, cwd: folder, home: folder, keepsOwn: false, env: {}, session: script.session, mcp: { name: 'signalbox', url: 'http://127.0.0.1:1/mcp', token: 'token' } }
  const end = await converseAcp(profileWith(script.quirks), launch)({
    output: peer.output,
    input: peer.input,
    cancel: script.signal ?? new AbortController().signal,
    emit: (event) => {
      if (script.isSilent !== true) events.push(event)
    },
    askPermission: (request, withdrawn) => {
      const answer = script.onPermission?.(request, withdrawn) ?? Promise.resolve({ kind: 'cancelled' as const })
      script.onAsked?.(peer, prompt)
      return answer
    },
  })
  return { end, events, heard: peer.heard }
}

function profileWith(quirks: Partial<AcpQuirks> = {}): AcpProfile {
  const [some] = acpProfiles.filter(({ name }) => name === 'gemini')
  if (some === undefined) throw new Error('no profile')
  return { ...some, login: 'Log in with: it login', quirks: { ...some.quirks, resume: 'resume', titleIsCommand: false, ...quirks } }
}

/** Returns the message of an update. */
export function update(said: Readonly<Record<string, unknown>>): Message {
  return { method: 'session/update', params: { sessionId: 's1', update: said } }
}

/** Returns the message that asks for a command, with the id `q`. */
export function question(call: string, command: string): Message {
  const toolCall = { toolCallId: call, title: command, kind: 'execute', status: 'pending', rawInput: { command } }
  const options = [
    { optionId: 'yes', kind: 'allow_once' },
    { optionId: 'no', kind: 'reject_once' },
  ]
  return { id: 'q', method: 'session/request_permission', params: { sessionId: 's1', toolCall, options } }
}
