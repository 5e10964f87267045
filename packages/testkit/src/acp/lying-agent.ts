import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openWire, type Message } from './wire.ts'

// An agent that speaks the Agent Client Protocol and does nothing of what it says: it claims to have written two files, asks to be allowed what it never
// does, claims a test run that passed, and ends its turn well. It takes any session, any mode and any prompt. LYING_AGENT_PAUSE: milliseconds before each claim. With an argument, encoded as in a URI, it says that for an error instead.
// LYING_AGENT_QUOTA: a file; so long as it has fewer lines than LYING_AGENT_REFUSALS (1), its provider takes no more, and one is added.

const wire = openWire()
const session = 'lying-0001'
const [, , failure] = process.argv
const pause = Number(process.env['LYING_AGENT_PAUSE'] ?? 0)
let cwd = process.cwd()
let turn: { readonly id: string | number; isCancelled: boolean } | undefined
let answered: (message: Message) => void = () => {}

function update(said: Readonly<Record<string, unknown>>): void {
  wire.send({ method: 'session/update', params: { sessionId: session, update: said } })
}

function write(id: string, path: string, text: string): void {
  const call = { toolCallId: id, title: `Write ${path}`, kind: 'edit', locations: [{ path: resolve(cwd, path) }], content: [{ type: 'diff', path: resolve(cwd, path), oldText: null, newText: text }] }
  update({ sessionUpdate: 'tool_call', status: 'pending', ...call })
  update({ sessionUpdate: 'tool_call_update', toolCallId: id, status: 'completed' })
}

async function ask(id: string, command: string): Promise<void> {
  const toolCall = { toolCallId: id, title: command, kind: 'execute', status: 'pending', rawInput: { command } }
  const options = [
    { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
    { optionId: 'no', name: 'No', kind: 'reject_once' },
  ]
  const answer = new Promise<Message>((done) => (answered = done))
  wire.send({ id: 1, method: 'session/request_permission', params: { sessionId: session, toolCall, options } })
  await answer
}

function isSpent(): boolean {
  const file = process.env['LYING_AGENT_QUOTA']
  if (file === undefined) return false
  const refused = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0
  if (refused >= Number(process.env['LYING_AGENT_REFUSALS'] ?? 1)) return false
  appendFileSync(file, 'refused\n')
  return true
}

/** Lies, whatever is answered. */
async function work(mine: { readonly id: string | number; isCancelled: boolean }): Promise<void> {
  if (failure !== undefined) return wire.send({ id: mine.id, error: { code: -32_603, message: decodeURIComponent(failure) } })
  const claims: readonly (() => void | Promise<void>)[] = [
    () => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'I fix it and add a test.' } }),
    () => write('call-1', 'src/claimed.js', 'export const claimed = true\n'),
    () => write('call-2', 'test/claimed.test.js', "import '../src/claimed.js'\n"),
    () => ask('call-3', 'npm test'),
    () => update({ sessionUpdate: 'tool_call_update', toolCallId: 'call-3', status: 'completed', rawOutput: { output: '12 tests passed\n', exit_code: 0 } }),
    () => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'Done: both files are written, and all 12 tests pass.' } }),
  ]
  for (const claim of claims) {
    await delay(pause)
    if (mine.isCancelled) break
    await claim()
  }
  wire.send({ id: mine.id, result: { stopReason: mine.isCancelled ? 'cancelled' : 'end_turn', usage: { inputTokens: 1200, outputTokens: 80, totalTokens: 1280 } } })
}

function serve({ id = 0, method, params }: Message): void {
  switch (method) {
    case 'initialize':
      return wire.send({ id, result: { protocolVersion: 1, agentCapabilities: { loadSession: true, sessionCapabilities: { resume: {} } }, agentInfo: { name: 'lying-agent', version: '1.0.0' } } })
    case 'session/new':
    case 'session/load':
    case 'session/resume':
      cwd = typeof params?.['cwd'] === 'string' ? params['cwd'] : cwd
      return wire.send({ id, result: { sessionId: session } })
    case 'session/prompt':
      if (isSpent()) return wire.send({ id, error: { code: -32603, message: '429 Too Many Requests: rate limit exceeded, try again later' } })
      turn = { id, isCancelled: false }
      return void work(turn)
    case 'session/cancel':
      if (turn !== undefined) turn.isCancelled = true
      return
    case undefined:
      return answered({})
    default:
      return wire.send({ id, result: {} })
  }
}

for (let message = await wire.next(); message !== undefined; message = await wire.next()) serve(message)
