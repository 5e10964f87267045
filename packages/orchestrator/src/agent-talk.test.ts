import { permissionPolicySchema, type PermissionRequest } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createConversation, type TalkCare } from './agent-talk.ts'

afterAll(removeTempDirs)

const ofOurs: PermissionRequest = { id: 'q1', tool: 't1', kind: 'other', title: 'ask', command: null, paths: [], mcpServer: 'signalbox' }

test.each([
  ['was given ours', 'signalbox', { kind: 'allow', lasting: 'once' }],
  ['was given none', undefined, { kind: 'refuse', because: 'the policy says so of what no rule is about' }],
])('a tool of a server by our name is one of ours where the agent %s', async (_name, ownServer, answer) => {
  const workspace = createTempDir()
  const care: TalkCare = { policy: permissionPolicySchema.parse({ otherwise: 'deny' }), asker: { ask: () => Promise.reject(new Error('nobody is asked')), settled: async () => {} }, workspace, cwd: workspace, confined: false, ownServer, heard: () => {}, keep: () => {} }
  const output = (async function* () {})()
  const talk = createConversation({ input: { write: () => {}, end: () => {} }, output, cancel: new AbortController().signal }, care)
  expect(await talk.askPermission(ofOurs, new AbortController().signal)).toEqual(answer)
})
