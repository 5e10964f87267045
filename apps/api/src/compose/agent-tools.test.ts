import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { proposalLimit, type Agent, type ConversationEnd, type Launch, type RunId, type RunView } from '@signalbox/core'
import { createAgentFace, createGuestFace } from '@signalbox/orchestrator'
import { createRepo, createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openInProcess, type InProcessPlane } from '../../test/in-process-plane.ts'
import { initMemory } from '../compose.ts'

afterAll(removeTempDirs)

type Offered = NonNullable<Launch['mcp']>
type Act = (client: Client, offered: Offered) => Promise<void>

const dir = createTempDir('agent-tools')
const env = { PATH: process.env['PATH'], HOME: join(dir, 'home'), SIGNALBOX_STATE: join(dir, 'state'), GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC', SHOP_API_KEY: 'swordfish-42' }
let plane: InProcessPlane
let act: Act
let launches: (Offered | undefined)[]

/** An agent whose adapter is the client of our tools; its program only stays alive. */
const talker: Agent = {
  name: 'talker',
  summary: 'talks to our tools',
  abilities: { resume: false, permissions: false, usage: 'none', plan: false, mcp: true },
  command: (_argv, { mcp }) => ({
    argv: ['cat'],
    env: {},
    converse: async () => {
      launches.push(mcp)
      if (mcp !== undefined) {
        const client = new Client({ name: 'talker', version: '1' })
        await client.connect(new StreamableHTTPClientTransport(new URL(mcp.url), { requestInit: { headers: { authorization: `Bearer ${mcp.token}` } } }))
        // It never says good-bye: what it still waits for has to be ended for it.
        await act(client, mcp)
      }
      return { stop: 'done', because: 'it said so', session: undefined } satisfies ConversationEnd
    },
  }),
}

beforeAll(async () => {
  mkdirSync(env.HOME)
  const { memory } = await initMemory(join(dir, 'memory'), env)
  appendFileSync(join(memory, 'signalbox.yaml'), 'sandbox:\n  network: deny\n')
  // Confines nothing: what is looked at is what a run without a network is offered.
  const sandbox = { findHindrance: () => Promise.resolve(undefined), confine: async ({ argv, env: inherited }: { argv: readonly [string, ...string[]]; env: Readonly<Record<string, string>> }) => ({ argv, env: inherited }) }
  plane = await openInProcess(memory, env, ({ agents }) => ({ agents: [...agents, talker], sandbox }))
  await plane.human.addRepo({ path: createRepo({ 'a.txt': 'one\n' }, { path: join(dir, 'api') }), name: 'api' })
})
afterAll(() => plane.close())

async function begin(title: string, does: Act, isolation: 'private' | 'sandbox' = 'private'): Promise<RunView> {
  act = does
  launches = []
  const { id } = await plane.human.createTask({ title, repos: ['api'] })
  return plane.human.startRun(id, { agent: 'talker', isolation })
}

async function until(run: RunId, holds: (view: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const view = await plane.human.readRun(run)
    if (holds(view)) return view
    if (view.state === 'ended') throw new Error(`${run} ended: ${view.because}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function call(client: Client, name: string, input: Record<string, unknown> = {}, signal = new AbortController().signal): Promise<string> {
  const { content } = await client.callTool({ name, arguments: input }, { signal })
  return content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n')
}

/** Every file below the folder that has the text in it. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text))
}

it('an agent at work reads, reports, asks, proposes and hands off, and its token is nowhere afterwards', async () => {
  const said: string[] = []
  const run = await begin('Count cents', async (client, { token }) => {
    said.push(await call(client, 'read_packet'), await call(client, 'read_task'))
    said.push(await call(client, 'report_progress', { text: `half way with swordfish-42\nand ${token}` }))
    said.push(await call(client, 'ask_human', { text: `Round up, with ${token}?`, options: ['yes', 'no'] }))
    said.push(await call(client, 'propose_task', { title: 'Count dimes \u001b[2J swordfish-42', body: `by ${token}\n`, repos: ['api'] }))
    said.push(await call(client, 'draft_handoff', { what: 'counted, swordfish-42', next: 'look', claims: ['it adds up'] }))
  })
  const waiting = await until(run.id, ({ state }) => state === 'waiting')
  expect(waiting.questions).toMatchObject([{ asked: { id: 'Q1', text: 'Round up, with [redacted]?', options: ['yes', 'no'] }, state: 'open' }])
  await plane.human.answer(run.id, { answer: { kind: 'text', text: 'up' } })
  await plane.ended()
  expect(said).toEqual([expect.stringContaining('Count cents'), expect.stringContaining(`"id": "${run.task}"`), 'Noted.', 'up', expect.stringMatching(/^Proposed as T\d+, a draft/), expect.stringMatching(/^Drafted as H\d+/)])
  const proposed = await plane.services.memory.list('task').then(({ records }) => records.find(({ links }) => links.includes(run.id)))
  expect(proposed).toMatchObject({ status: 'draft', title: 'Count dimes  [redacted]', body: expect.stringContaining('by [redacted]'), labels: ['proposed'], repos: ['api'] })
  const drafted = (await plane.human.listHandoffs()).handoffs.find(({ what }) => what === 'counted, [redacted]')
  expect(drafted).toMatchObject({ task: run.task, run: run.id, by: `talker, in ${run.id}`, evidence: { validation: expect.arrayContaining([{ kind: 'claim', text: 'it adds up' }]) } })
  const { lines } = await plane.human.readTranscript(run.id)
  expect(lines.filter(({ kind }) => kind === 'notice')).toMatchObject([{ stream: 'agent', event: { type: 'notice', level: 'info', text: 'half way with [redacted]\nand [redacted]' } }, { text: 'and [redacted]' }])
  expect(await plane.human.readRun(run.id)).toMatchObject({ state: 'ended', outcome: 'completed' })
  const [offered] = launches
  expect(offered).toMatchObject({ name: 'signalbox', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/), token: expect.stringMatching(/^sbxt_[\w-]{43}$/) })
  expect(filesWith(dir, offered?.token ?? '')).toEqual([])
  await expect(fetch(offered?.url ?? '')).rejects.toThrow('fetch failed')
})

it('a question whose asker goes away stays open, blocks the landing, and is gone on with when it is asked again', async () => {
  const said: string[] = []
  const cancel = new AbortController()
  let again: () => void = () => {}
  const mayAsk = new Promise<void>((resolve) => (again = resolve))
  const run = await begin('Ask twice', async (client) => {
    await call(client, 'ask_human', { text: 'Which port?' }, cancel.signal).catch(() => said.push('given up'))
    await mayAsk
    said.push(await call(client, 'ask_human', { text: 'Which port?' }))
    // Asked anew, for this one was answered and heard.
    void call(client, 'ask_human', { text: 'Which port?' }).catch(() => undefined)
    await until(run.id, ({ questions }) => questions.length === 2)
  })
  await until(run.id, ({ state }) => state === 'waiting')
  cancel.abort()
  const alone = await until(run.id, ({ state }) => state === 'running')
  expect(alone.questions.map(({ state }) => state)).toEqual(['open'])
  await plane.human.answer(run.id, { answer: { kind: 'text', text: '8080' } })
  again()
  await plane.ended()
  expect(said).toEqual(['given up', '8080'])
  const over = await plane.human.readRun(run.id)
  expect(over.questions.map(({ asked, state }) => `${asked.id} ${state}`)).toEqual(['Q1 answered', 'Q2 open'])
  expect((await plane.human.gate(run.id)).blockers.map(({ code }) => code)).toContain('question_open')
})

it('a run without a network is told that it has no tools, and does without', async () => {
  const run = await begin('No network', () => Promise.reject(new Error('not reached')), 'sandbox')
  await plane.ended()
  expect(launches).toEqual([undefined])
  expect(await plane.human.readRun(run.id)).toMatchObject({ outcome: 'completed' })
  expect((await plane.human.readTranscript(run.id)).lines).toContainEqual(expect.objectContaining({ stream: 'signalbox', text: expect.stringContaining('no tools of Signalbox') }))
})

it('a run proposes so many tasks and drafts so many handoffs, and no more, and so do tools without a run', async () => {
  const { id: task } = await plane.human.createTask({ title: 'Many', repos: ['api'] })
  const run = await plane.runScript(task, 'true')
  const [agent, guest] = [createAgentFace(plane.services, run), createGuestFace(plane.services)]
  for (let number = 1; number < proposalLimit; number += 1) {
    writeFileSync(join(dir, `memory/handoffs/H${7000 + number}-${task}.md`), `---\nid: H${7000 + number}\ntask: ${task}\nrun: ${run}\nat: now\nby: shell, in ${run}\nwhat: x\nnext: x\nevidence: {}\n---\n`)
    for (const [id, links] of [[7000 + number, `[${run}]`], [8000 + number, '[]']] as const) {
      writeFileSync(join(dir, `memory/tasks/T${id}-x.md`), `---\nid: T${id}\ntitle: x\nstatus: draft\nlabels: [proposed]\nlinks: ${links}\n---\n`)
    }
  }
  expect(await agent.proposeTask({ title: 'The last one' })).toMatchObject({ status: 'draft', links: [run] })
  await expect(agent.proposeTask({ title: 'One more' })).rejects.toMatchObject({ code: 'access.denied' })
  expect(await guest.proposeTask({ title: 'The last one' })).toMatchObject({ status: 'draft', links: [] })
  await expect(guest.proposeTask({ title: 'One more' })).rejects.toMatchObject({ code: 'access.denied' })
  expect(await agent.draftHandoff({ what: 'the last one', next: 'look' })).toMatchObject({ run })
  await expect(agent.draftHandoff({ what: 'one more', next: 'look' })).rejects.toMatchObject({ code: 'access.denied' })
  await expect(agent.proposeTask({ title: 'Elsewhere', repos: ['nowhere'] })).rejects.toMatchObject({ code: 'access.denied' })
  const stranger = createAgentFace(plane.services, 'R0999' as RunId)
  const asked = await Promise.allSettled([stranger.readPacket(), stranger.readTask(), stranger.proposeTask({ title: 'x' }), stranger.draftHandoff({ what: 'x', next: 'x' })])
  expect(asked).toMatchObject(Array.from({ length: 4 }, () => ({ status: 'rejected', reason: { code: 'run.not_found' } })))
  await expect(guest.proposeTask({ title: 'two\nlines' })).rejects.toMatchObject({ code: 'input.invalid' })
})

it('nobody serves tools to an agent that takes none', async () => {
  const { id: task } = await plane.human.createTask({ title: 'Plain', repos: ['api'] })
  const strict = await openInProcess(join(dir, 'memory'), env, () => ({ toolServer: { serve: () => Promise.reject(new Error('nobody asked for tools')) } }))
  const run = await strict.runScript(task, 'true')
  expect(await strict.human.readRun(run)).toMatchObject({ outcome: 'completed' })
  await strict.close()
})
