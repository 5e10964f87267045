import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { taskListForm } from './harness/contract.ts'
import { newTask, createWorld, type World } from './harness/world.ts'

const bin = fileURLToPath(new URL('../apps/cli/bin/signalbox.mjs', import.meta.url))

let world: World
beforeAll(async () => {
  world = await createWorld()
  await newTask(world, 'Count cents')
  await world.signalbox(['decision', 'new', 'No floats', '--body', 'Money is whole cents.'])
  writeFiles(world.memory, { 'tasks/T0404-broken.md': '---\nid: [\n' })
})
afterAll(() => world.close())

it('serves lookups and proposals to an editor, and ends when that does', async () => {
  const transport = new StdioClientTransport({ command: process.execPath, args: [bin, 'mcp'], env: world.env, cwd: world.dir, stderr: 'pipe' })
  const client = new Client({ name: 'editor', version: '1' })
  await client.connect(transport)
  const call = async (name: string, input: Record<string, unknown> = {}): Promise<string> => {
    const { content } = await client.callTool({ name, arguments: input })
    return content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n')
  }
  expect(client.getInstructions()).toContain('neither start a run nor approve')
  expect((await client.listTools()).tools.map(({ name }) => name).toSorted()).toEqual(['list_decisions', 'list_tasks', 'propose_task', 'read_decision', 'read_task', 'search'])
  expect(await call('list_tasks')).toMatch(/Count cents[^]*Could not be read[^]*T0404-broken\.md/)
  expect(await call('read_task', { id: 'T0001' })).toContain('"status": "ready"')
  expect(await call('list_decisions')).toContain('D0001')
  expect(await call('read_decision', { id: 'D0001' })).toContain('Money is whole cents.')
  expect(await call('search', { query: 'cents' })).toContain('T0001')
  expect(await call('read_task', { id: 'T0999' })).toMatch(/^task\.not_found: .*\n\w/)
  expect(await call('approve', { id: 'R0001' }).catch((error: Error) => error.message)).toMatch(/approve.*not found/i)
  expect(await call('propose_task', { title: 'Count dimes', body: 'Later.' })).toMatch(/^Proposed as T\d{4}, a draft/)
  const { pid } = transport
  await client.close()
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
  const { tasks } = await world.ask(taskListForm, ['task', 'list', '--status', 'draft'])
  expect(tasks).toMatchObject([{ title: 'Count dimes', status: 'draft', labels: ['proposed'], links: [] }])
})

it('says why it cannot serve, where there is no memory repo', async () => {
  expect(await world.signalbox(['mcp', '--memory', `${world.dir}/nowhere`])).toMatchObject({ exit: 3, stdout: '', stderr: expect.stringContaining('nowhere') })
})
