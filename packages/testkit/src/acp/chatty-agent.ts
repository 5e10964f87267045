import { setTimeout as delay } from 'node:timers/promises'
import { openWire, type Message } from './wire.ts'

// An agent that speaks the Agent Client Protocol and talks without end: so many words a second (CHATTY_AGENT_RATE), for so many seconds (CHATTY_AGENT_SECONDS), each with its number. It touches nothing.

const wire = openWire()
const session = 'chatty-0001'
const rate = Number(process.env['CHATTY_AGENT_RATE'] ?? 20)
const seconds = Number(process.env['CHATTY_AGENT_SECONDS'] ?? 5)
const turn = { isCancelled: false }

async function talk(id: string | number): Promise<void> {
  const began = performance.now()
  for (let word = 0; word < rate * seconds && !turn.isCancelled; word += 1) {
    await delay(Math.max(0, began + (word * 1_000) / rate - performance.now()))
    const text = `word ${word} ${'x'.repeat(100)}\n`
    wire.send({ method: 'session/update', params: { sessionId: session, update: word % 5 === 4 ? { sessionUpdate: 'tool_call', toolCallId: `call-${word}`, title: `Read ${word}`, kind: 'read', status: 'completed' } : { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } } } })
  }
  wire.send({ id, result: { stopReason: turn.isCancelled ? 'cancelled' : 'end_turn' } })
}

function serve({ id = 0, method }: Message): void {
  switch (method) {
    case 'initialize':
      return wire.send({ id, result: { protocolVersion: 1, agentCapabilities: {}, agentInfo: { name: 'chatty-agent', version: '1.0.0' } } })
    case 'session/new':
      return wire.send({ id, result: { sessionId: session } })
    case 'session/prompt':
      return void talk(id)
    case 'session/cancel':
      turn.isCancelled = true
      return
    default:
      return wire.send({ id, result: {} })
  }
}

for (let message = await wire.next(); message !== undefined; message = await wire.next()) serve(message)
