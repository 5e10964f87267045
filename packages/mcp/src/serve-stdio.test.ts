import { PassThrough } from 'node:stream'
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { AgentFace, GuestFace, HumanFace } from '@signalbox/core'
import { expect, test } from 'vitest'
import { createSmallFace } from '../test/small-face.ts'
import { guestTools } from './guest-tools.ts'
import { createMcpServer } from './mcp-server.ts'
import { serveMcpOverStdio } from './serve-stdio.ts'

// Whoever is given a face cannot decide, for there is no call to do so; adding one would not compile.
type Deciding = 'approve' | 'merge' | 'push' | 'waive' | 'reject' | 'undo' | 'refresh' | 'answer' | 'startRun' | 'cancelRun' | 'sealRun' | 'restore' | 'clean' | 'editTask' | 'removeRepo' | 'addRepo' | 'doctor'
const none: readonly (Deciding & (keyof AgentFace | keyof GuestFace))[] = []
// The list is of calls that there are.
const all: readonly (Deciding & keyof HumanFace)[] = ['approve', 'merge'] satisfies readonly Deciding[]
// A human's face does not pass for another one by mistake.
const confused: HumanFace extends GuestFace | AgentFace ? false : true = true

test('the tools of a guest are lookups and a proposal, over the streams of a process', async () => {
  expect([none, all.length, confused]).toEqual([[], 2, true])
  const [input, output] = [new PassThrough(), new PassThrough()]
  const face = createSmallFace()
  const serving = serveMcpOverStdio(guestTools(face), { version: '1' }, { input, output })
  const client = new Client({ name: 'tester', version: '1' })
  // The other end of the same wire: one message a line.
  await client.connect(new StdioServerTransport(output, input))
  expect((await client.listTools()).tools.map(({ name, annotations }) => `${name} ${annotations?.readOnlyHint}`).toSorted()).toEqual([
    'list_decisions true',
    'list_tasks true',
    'propose_task false',
    'read_decision true',
    'read_task true',
    'search true',
  ])
  expect(await client.callTool({ name: 'read_task', arguments: {} })).toMatchObject({ isError: true })
  expect(await client.callTool({ name: 'read_task', arguments: { id: 'T0001' } })).toMatchObject({ content: [{ text: expect.stringContaining('Whole cents only.') }] })
  expect(face.calls).toEqual(['readTask T0001'])
  // It ends with whoever it speaks to.
  input.end()
  await serving
})

test('a server can be given any transport, and says what failed without a code as it is', async () => {
  const face = { ...createSmallFace(), readDecision: () => Promise.reject(new Error('the disk is gone')) }
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await createMcpServer(guestTools(face), { version: '1' }).connect(ours)
  const client = new Client({ name: 'tester', version: '1' })
  await client.connect(theirs)
  expect(await client.callTool({ name: 'read_decision', arguments: { id: 'D0001' } })).toEqual({ content: [{ type: 'text', text: 'internal.unexpected: the disk is gone' }], isError: true })
})
