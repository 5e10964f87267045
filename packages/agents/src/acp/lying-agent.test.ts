import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent, AgentEvent } from '@signalbox/core'
import { acpPrograms, createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { driveAgent } from '../drive.ts'
import { createAcpAgent } from './agent.ts'
import { acpProfiles } from './profiles.ts'

afterAll(removeTempDirs)

test('an agent that does nothing of what it says is believed in nothing but that it said so', async () => {
  const [bin, cwd, home] = [createTempDir('bin'), createTempDir('work'), createTempDir('home')]
  // It stands where another agent is looked for.
  writeFileSync(join(bin, 'opencode'), `#!/bin/sh\nexec '${process.execPath}' '${acpPrograms.lying}'\n`, { mode: 0o755 })
  const events: AgentEvent[] = []
  const end = await driveAgent({ agent: agentOf('opencode'), cwd, home, prompt: 'Fix it', env: { PATH: bin }, onEvent: (event) => events.push(event), onPermission: async () => ({ kind: 'allow', lasting: 'once' }) })
  expect(end).toMatchObject({ stop: 'done', session: 'lying-0001' })
  expect(readdirSync(cwd)).toEqual([])
  expect(events.flatMap((event) => (event.type === 'tool' && event.edits !== undefined ? event.edits : []))).toEqual(['src/claimed.js', 'test/claimed.test.js'].map((path) => ({ path: join(cwd, path), change: 'add' })))
  expect(events).toContainEqual(expect.objectContaining({ type: 'tool', id: 'call-3', status: 'done', output: '12 tests passed\n', exitCode: 0 }))
})

function agentOf(name: string): Agent {
  const profile = acpProfiles.find((each) => each.name === name)
  if (profile === undefined) throw new Error(`no profile ${name}`)
  return createAcpAgent(profile)
}
