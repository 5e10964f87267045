import { afterEach, expect, test } from 'vitest'
import { startFakeModel, type FakeModel } from './fake-model.ts'
import type { Scenario } from './scenario.ts'

const running: FakeModel[] = []

afterEach(async () => {
  for (const model of running.splice(0)) await model.close()
})

const object = (properties: Readonly<Record<string, unknown>>): unknown => ({ type: 'object', properties, required: Object.keys(properties) })
const text = { type: 'string' }
const writeTool = { name: 'write_file', schema: object({ file_path: text, content: text }) }
const shellTool = { name: 'bash', schema: object({ command: text, description: text }) }

/** How each wire asks: the address, and the body for an agent that works in `/w/tree` and offers the two tools. */
const wires = {
  chat: {
    path: '/v1/chat/completions',
    body: { model: 'm', stream: true, tools: [writeTool, shellTool].map(({ name, schema }) => ({ type: 'function', function: { name, parameters: schema } })), messages: [{ role: 'system', content: 'Working directory: /w/tree' }, { role: 'user', content: 'go' }] },
  },
  responses: {
    path: '/v1/responses',
    body: { model: 'm', stream: true, instructions: 'Working directory: /w/tree', tools: [writeTool, shellTool].map(({ name, schema }) => ({ type: 'function', name, parameters: schema })), input: [{ role: 'user', content: [{ type: 'input_text', text: 'go' }] }] },
  },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'm', stream: true, system: 'Working directory: /w/tree', tools: [writeTool, shellTool].map(({ name, schema }) => ({ name, input_schema: schema })), messages: [{ role: 'user', content: 'go' }] },
  },
  gemini: {
    path: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: { systemInstruction: { parts: [{ text: 'Working directory: /w/tree' }] }, tools: [{ functionDeclarations: [writeTool, shellTool].map(({ name, schema }) => ({ name, parametersJsonSchema: schema })) }], contents: [{ role: 'user', parts: [{ text: 'go' }] }] },
  },
}

const writing: Scenario = { turns: [{ steps: [{ say: 'Writing.' }, { writeFile: { path: 'a.txt', content: 'A\n' } }], usage: { input: 7, output: 3 } }] }

test.each(Object.entries(wires))('over %s it streams text, usage and a call of the tool that was offered, with an absolute path', async (_, { path, body }) => {
  const stream = await (await ask(await start(writing), path, body)).text()
  expect(stream).toContain('Writing.')
  // Arguments come as a value, as text in a value, or in pieces of text.
  expect(stream.replaceAll('\\', '')).toContain('"/w/tree/a.txt"')
  expect(stream).toMatch(/"(prompt_tokens|input_tokens|promptTokenCount)":7\b/)
})

test('a tool of patches gets a patch where there is none that writes', async () => {
  const model = await start(writing)
  const stream = await (await ask(model, wires.responses.path, { ...wires.responses.body, tools: [{ type: 'custom', name: 'apply_patch', format: {} }] })).text()
  expect(stream).toContain(String.raw`"input":"*** Begin Patch\n*** Add File: a.txt\n+A\n*** End Patch\n"`)
})

test('what an agent asks beside its work takes no turn, lanes are apart, and what was expected is told', async () => {
  const model = await start({ turns: [{ steps: [{ say: 'main' }], expect: /never there/ }], lanes: { red: { turns: [{ steps: [{ say: 'red' }] }] } } })
  const body = { ...wires.chat.body, stream: false }
  expect(await (await ask(model, wires.chat.path, { ...body, tools: [] })).text()).toContain('Scripted title')
  expect(await (await ask(model, `/lane/red${wires.chat.path}`, body)).text()).toContain('red')
  expect(await (await ask(model, wires.chat.path, body)).text()).toContain('main')
  expect(model.problems('red')).toEqual([])
  expect(model.problems()).toEqual(['turn 0: the request does not match /never there/'])
})

test('it refuses, hangs until the caller goes, waits at a gate, and breaks off', async () => {
  const model = await start({
    turns: [
      { times: 2, steps: [{ error: { status: 429, retryAfter: 3 } }] },
      { steps: [{ say: 'first words' }, { hang: true }] },
      { steps: [{ say: 'before' }, { gate: 'g' }, { say: 'behind' }] },
      { steps: [{ say: 'half' }, { drop: true }] },
    ],
  })
  const { path, body } = wires.anthropic
  for (const _ of [1, 2]) {
    const refused = await ask(model, path, body)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3'])
    expect(await refused.text()).toContain('rate_limit_error')
  }
  const leaving = new AbortController()
  const hanging = await ask(model, path, body, leaving.signal)
  expect(new TextDecoder().decode((await hanging.body?.getReader().read())?.value)).toContain('message_start')
  leaving.abort()
  await model.waitFor((request) => request.outcome === 'client_closed')
  const gated = ask(model, path, body).then((response) => response.text())
  await model.waitFor((request) => model.requests.indexOf(request) === 3)
  model.openGate('g')
  expect(await gated).toMatch(/before[\s\S]*behind/)
  await expect(ask(model, path, body).then((response) => response.text())).rejects.toThrow()
  expect(model.requests.map((request) => request.outcome)).toEqual(['error', 'error', 'client_closed', 'completed', 'dropped'])
})

test('a tool of a tool server that is held back is searched for first', async () => {
  const model = await start({ turns: [{ steps: [{ say: 'x' }, { mcp: { server: 'plane', tool: 'report', arguments: { a: 1 } } }] }] })
  const body = { model: 'm', tools: [{ name: 'ToolSearch', input_schema: object({ query: text }) }], messages: [{ role: 'user', content: 'Deferred:\nmcp__plane__report' }] }
  const first: unknown = await (await ask(model, wires.anthropic.path, body)).json()
  expect(first).toHaveProperty('content', [expect.objectContaining({ input: { query: 'select:mcp__plane__report' } })])
  const second: unknown = await (await ask(model, wires.anthropic.path, body)).json()
  expect(second).toHaveProperty('content.1', expect.objectContaining({ name: 'mcp__plane__report', input: { a: 1 } }))
})

async function start(scenario: Scenario): Promise<FakeModel> {
  const model = await startFakeModel(scenario)
  running.push(model)
  return model
}

async function ask(model: FakeModel, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(model.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) })
}
