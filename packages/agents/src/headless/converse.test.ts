import { PassThrough } from 'node:stream'
import type { AgentEvent, Conversation, ConversationEnd, PermissionAnswer, PermissionRequest } from '@signalbox/core'
import { expect, test } from 'vitest'
import { converseLines } from './converse.ts'
import { claudeInterrupt, claudeOpening, createClaudeParser } from './parse-claude.ts'

const asking = '{"type":"control_request","request_id":"q1","request":{"subtype":"can_use_tool","tool_name":"Bash","tool_use_id":"t1","input":{"command":"make"},"permission_suggestions":[{"type":"addRules","destination":"localSettings"},{"type":"setMode","mode":"bypassPermissions","destination":"userSettings"}]}}\n'
const result = '{"type":"result","subtype":"success","is_error":false,"session_id":"s1"}\n'

test('a question is answered on its input, with what was asked, and the agent is read on meanwhile', async () => {
  const talk = start({ answer: { kind: 'allow', lasting: 'always' } })
  talk.say(asking)
  const reply = await talk.nextWritten()
  expect(talk.asked).toEqual([{ id: 'q1', tool: 't1', kind: 'execute', title: 'make', command: 'make', paths: [], mcpServer: null }])
  expect(JSON.parse(reply)).toEqual({ type: 'control_response', response: { subtype: 'success', request_id: 'q1', response: { behavior: 'allow', updatedInput: { command: 'make' }, updatedPermissions: [{ type: 'addRules', destination: 'session' }] } } })
  talk.say(result)
  talk.close()
  expect(await talk.end).toEqual({ stop: 'done', because: expect.any(String), session: 's1' })
  expect(talk.events.filter(({ type }) => type === 'permission')).toMatchObject([{ state: 'asked' }, { state: 'allowed' }])
})

test('a refusal reaches it with its reason, and the call it was about is refused', async () => {
  const talk = start({ answer: { kind: 'refuse', because: 'not in this repository' } })
  talk.say(asking)
  expect(JSON.parse(await talk.nextWritten())).toMatchObject({ response: { response: { behavior: 'deny', message: 'not in this repository' } } })
  talk.say('{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"denied"}]}}\n')
  talk.say(result)
  talk.close()
  await talk.end
  expect(talk.events.filter((event) => event.type === 'tool').map(({ status }) => status)).toEqual(['waiting', 'refused', 'refused'])
})

test('a question it takes back is cancelled, and a late answer is not written', async () => {
  let answerLate: (answer: PermissionAnswer) => void = () => {}
  const late = new Promise<PermissionAnswer>((resolve) => (answerLate = resolve))
  const talk = start({ answer: late })
  talk.say(asking)
  talk.say('{"type":"control_cancel_request","request_id":"q1"}\n')
  talk.say(result)
  talk.close()
  await talk.end
  // Whoever decides is told: a human must not be waited for.
  expect(talk.withdrawals.map(({ aborted }) => aborted)).toEqual([true])
  answerLate({ kind: 'allow', lasting: 'once' })
  await new Promise((done) => setImmediate(done))
  expect(talk.events.filter(({ type }) => type === 'permission')).toMatchObject([{ state: 'asked' }, { state: 'cancelled' }])
  expect(talk.written).toEqual([claudeOpening('Do it')])
})

test('asked to stop, it is told so, what is open is closed, and what it says then is no end of its own', async () => {
  const talk = start({ answer: new Promise(() => {}) })
  talk.say(asking)
  await talk.seen('permission')
  talk.cancel()
  expect(await talk.nextWritten()).toBe(claudeInterrupt)
  talk.say('{"type":"result","subtype":"error_during_execution","is_error":true,"session_id":"s1"}\n')
  talk.close()
  expect(await talk.end).toEqual({ stop: 'cancelled', because: 'It was asked to stop', session: 's1' })
  expect(talk.events).toContainEqual(expect.objectContaining({ type: 'permission', state: 'cancelled' }))
  expect(talk.events).toContainEqual({ type: 'tool', id: 't1', status: 'abandoned' })
})

test('work that was done when the wish to stop came is done', async () => {
  const talk = start({})
  talk.say(result)
  await talk.seen('usage')
  talk.cancel()
  talk.close()
  expect(await talk.end).toMatchObject({ stop: 'done' })
})

test('one that says it is done and does not end is not waited for, and its input is closed', async () => {
  const talk = start({})
  talk.say(result)
  expect(await talk.end).toMatchObject({ stop: 'done' })
  expect(talk.isInputOpen()).toBe(false)
  const told = talk.events.length
  talk.say('{"type":"assistant","message":{"content":[{"type":"text","text":"one more thing"}]}}\n')
  await new Promise((done) => setImmediate(done))
  expect(talk.events).toHaveLength(told)
})

test('a question that cannot be put ends the conversation', async () => {
  const talk = start({ answer: Promise.reject(new Error('the state folder is full')) })
  talk.say(asking)
  await expect(talk.end).rejects.toThrow('the state folder is full')
})

test('a request it does not know is answered, so that nobody waits for it', async () => {
  const talk = start({})
  talk.say('{"type":"control_request","request_id":"q2","request":{"subtype":"hook_callback"}}\n')
  expect(JSON.parse(await talk.nextWritten())).toMatchObject({ response: { subtype: 'error', request_id: 'q2' } })
  talk.close()
  expect(await talk.end).toMatchObject({ stop: 'lost' })
})

test('a line of more values or levels than can be read is left out, and the turn goes on', async () => {
  const talk = start({})
  talk.say(`{"type":"assistant","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`)
  talk.say(`{"type":"assistant","wide":[${'[],'.repeat(1_000_000)}1]}\n`)
  talk.say(result)
  talk.close()
  expect(await talk.end).toMatchObject({ stop: 'done' })
  expect(talk.events.filter(({ type }) => type === 'notice')).toMatchObject([{ text: expect.stringMatching(/^A line of more than \d+ levels was left out; it begins "{/) }, { text: expect.stringMatching(/^A line of more than \d+ values/) }])
})

test('a command that is longer than is kept is refused: a rule would see only a part of it', async () => {
  const talk = start({ answer: { kind: 'allow', lasting: 'once' } })
  talk.say(`${JSON.stringify({ type: 'control_request', request_id: 'q1', request: { subtype: 'can_use_tool', tool_name: 'Bash', tool_use_id: 't1', input: { command: `make ${' '.repeat(70_000)}; rm -rf ~` } } })}\n`)
  expect(JSON.parse(await talk.nextWritten())).toMatchObject({ response: { response: { behavior: 'deny' } } })
  expect(talk.asked).toEqual([])
  talk.close()
  await talk.end
  expect(talk.events.filter((event) => event.type === 'tool').map(({ status }) => status)).toEqual(['refused'])
})

test('of questions with one id each is told how it ended, and more of them than a human could answer are refused', async () => {
  const talk = start({ answer: new Promise(() => {}) })
  for (let count = 0; count < 70; count += 1) talk.say(asking)
  talk.say(result)
  talk.close()
  await talk.end
  const states = talk.events.flatMap((event) => (event.type === 'permission' ? [event.state] : []))
  expect(['asked', 'refused', 'cancelled'].map((state) => states.filter((each) => each === state).length)).toEqual([64, 6, 64])
})

test('the session of a turn is told once, however often it is said, and never one that a program would take for an option', async () => {
  const init = (id: string): string => `${JSON.stringify({ type: 'system', subtype: 'init', session_id: id, model: 'm'.repeat(1_000) })}\n`
  const talk = start({})
  talk.say(init('--dangerously-skip-permissions'))
  for (const id of ['s1', 's1', 's2']) talk.say(init(id))
  talk.close()
  await talk.end
  const sessions = talk.events.filter((event) => event.type === 'session')
  expect(sessions).toMatchObject([{ id: 's1' }])
  expect(sessions[0]?.model).toHaveLength(200 + '… (800 more characters)'.length)
})

/** Starts a conversation with an agent that says what the test says. */
function start({ answer = { kind: 'cancelled' } }: { readonly answer?: PermissionAnswer | Promise<PermissionAnswer> }) {
  const output = new PassThrough()
  const stopping = new AbortController()
  const [events, written, asked, withdrawals]: [AgentEvent[], string[], PermissionRequest[], AbortSignal[]] = [[], [], [], []]
  const news = new EventTarget()
  const tell = (): boolean => news.dispatchEvent(new Event('news'))
  let isInputOpen = true
  const talk: Conversation = {
    output,
    input: {
      write: (text) => {
        written.push(text)
        tell()
      },
      end: () => (isInputOpen = false),
    },
    cancel: stopping.signal,
    emit: (event) => {
      events.push(event)
      tell()
    },
    askPermission: async (request, withdrawn) => {
      asked.push(request)
      withdrawals.push(withdrawn)
      return answer
    },
  }
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((seen) => news.addEventListener('news', seen, { once: true }))
  }
  const converse = converseLines({ createParser: () => createClaudeParser({ resumed: false, tokensOf: 'turn' }), opening: claudeOpening('Do it'), answers: true, interrupt: claudeInterrupt })
  const end: Promise<ConversationEnd> = converse(talk)
  return {
    events,
    written,
    asked,
    withdrawals,
    end,
    say: (line: string) => void output.write(line),
    close: () => void output.end(),
    cancel: () => stopping.abort(),
    isInputOpen: () => isInputOpen,
    seen: (type: AgentEvent['type']) => until(() => events.some((event) => event.type === type)),
    nextWritten: async (): Promise<string> => {
      await until(() => written.length > 1)
      return written.at(-1) ?? ''
    },
  }
}
