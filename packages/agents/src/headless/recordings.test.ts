import { join } from 'node:path'
import { agentEventSchema, type AgentEvent } from '@signalbox/core'
import { expect, test } from 'vitest'
import { parserOf, readRecording, recordings, replay } from '../../test/replay.ts'

test.each(recordings)('%s means what stands beside it', async (name) => {
  const { events, end } = await replay(parserOf(name), [readRecording(name)])
  for (const event of events) expect(agentEventSchema.parse(event)).toEqual(event)
  await expect([...events.map(sayEvent), `= ${end.stop} ${end.session ?? 'no session'}`, ''].join('\n')).toMatchFileSnapshot(join(import.meta.dirname, '../../test/recordings', `${name}.events`))
})

test.each(recordings.filter((name) => name.endsWith('-work')))('%s says that it is done only with its last words', async (name) => {
  const lines = readRecording(name).toString().trimEnd().split('\n')
  const last = lines.findLastIndex((line) => /"type":"(result|turn\.completed|step_finish|agent_end)"/.test(line) && !line.includes('tool-calls'))
  const { end, events } = await replay(parserOf(name), [Buffer.from(lines.slice(0, last).join('\n'))])
  expect(end.stop).toBe('lost')
  expect(events.at(-1)).toMatchObject({ type: 'turn', stop: 'lost', source: 'exit' })
})

test.each(recordings.filter((name) => name.endsWith('-work') && !name.startsWith('opencode')))('%s leaves no tool call open where it is cut off', async (name) => {
  const lines = readRecording(name).toString().split('\n')
  const began = lines.findIndex((line) => /"(tool_use|item\.started|tool\.execution_start|tool_execution_start)"/.test(line))
  const { events } = await replay(parserOf(name), [Buffer.from(lines.slice(0, began + 1).join('\n'))])
  expect(events.filter((event) => event.type === 'tool').map(({ status }) => status)).toEqual(['running', 'abandoned'])
})

/** Says an event in one short line. */
function sayEvent(event: AgentEvent): string {
  switch (event.type) {
    case 'message':
    case 'thought':
      return `${event.type}${event.partial ? '…' : ''} ${JSON.stringify(event.text)}`
    case 'tool': {
      const facts = [event.title, event.exitCode === undefined ? undefined : `exit ${event.exitCode}`, event.edits?.map(({ change, path }) => `${change} ${path}`).join(', '), event.output === undefined ? undefined : JSON.stringify(event.output.slice(0, 60))]
      return `tool ${event.id.slice(-6)} ${event.status} ${event.kind ?? ''} ${facts.filter((fact) => fact !== undefined).join(' | ')}`.trimEnd()
    }
    case 'unknown':
      return `unknown ${event.name}`
    default:
      // The instant depends on when it is played.
      return `${event.type} ${JSON.stringify({ ...event, type: undefined, retryAt: 'retryAt' in event ? 'later' : undefined })}`
  }
}
