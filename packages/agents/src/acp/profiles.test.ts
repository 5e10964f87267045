import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentCommand, Launch } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createAcpAgent } from './agent.ts'
import { acpProfiles } from './profiles.ts'
import type { AcpProfile } from './profile.ts'

afterAll(removeTempDirs)

const nothing = { title: undefined, isMcp: false }

// As each of them asked about a call of ours, and as a model might make another call look like one.
test.each([
  ['claude', nothing, { name: 'mcp__plane__report', title: 'mcp__plane__report', kind: 'other', _meta: { claudeCode: { toolName: 'mcp__plane__report', mcpServer: { name: 'plane', source: 'dynamic' } } } }, { title: 'mcp__plane__report', kind: 'execute', rawInput: { mcpServer: { name: 'plane' } }, _meta: { claudeCode: { toolName: 'Bash' } } }],
  ['codex', { title: 'mcp.plane.report', isMcp: true }, { kind: 'execute', status: 'pending' }, { title: 'mcp.plane.report', kind: 'execute', rawInput: { server: 'plane' } }],
  ['copilot', { title: 'plane-report', isMcp: false }, { title: 'report', kind: 'other' }, { title: 'plane-report', kind: 'execute' }],
  ['qwen', nothing, { title: '{"state":"working"}', kind: 'other', _meta: { toolName: 'mcp__plane__report' } }, { title: 'mcp__plane__report', kind: 'execute', _meta: { toolName: 'run_shell_command' } }],
  ['gemini', nothing, { toolCallId: 'mcp_plane_report__call_1', title: 'report (plane MCP Server)', kind: 'other' }, { toolCallId: 'run_shell_command__call_1', title: 'mcp_plane_x (plane MCP Server)', kind: 'execute' }],
] as const)('%s: a call of our tool server is told from one that looks like it', (name, announced, asked, feigned) => {
  const { toolServer } = find(name).quirks
  expect(toolServer({ announced, asked }, 'plane')).toBe('plane')
  expect(toolServer({ announced: nothing, asked: feigned }, 'plane')).toBeUndefined()
  expect(toolServer({ announced, asked }, 'another')).not.toBe('another')
})

test('an agent is started where the human is logged in, or all it keeps goes below the home of the run', () => {
  const launch: Launch = { prompt: '', packet: '/packet.md', cwd: '/work', home: '/home/run', keepsOwn: false, env: { HOME: '/home/human' }, session: undefined, mcp: undefined }
  const bin = createTempDir('bin')
  for (const name of ['claude-agent-acp', 'qwen']) writeFileSync(join(bin, name), '', { mode: 0o755 })
  const started = (name: string, argv: readonly string[], env: Launch['env'], keepsOwn = false) => createAcpAgent(find(name)).command(argv, { ...launch, keepsOwn, env: { PATH: bin, ...env } }) as AgentCommand
  expect(started('claude', [], { ANTHROPIC_API_KEY: 'key' }).env).not.toHaveProperty('CLAUDE_CONFIG_DIR')
  expect(started('claude', [], {}, true).env).toMatchObject({ CLAUDE_CONFIG_DIR: '/home/run/claude' })
  const { argv, env, files } = started('qwen', ['--model', 'x'], {})
  expect(argv).toEqual([join(bin, 'qwen'), '--acp', '--model', 'x'])
  expect(files).toEqual([{ path: env['QWEN_CODE_SYSTEM_DEFAULTS_PATH'], text: expect.stringContaining('"usageStatisticsEnabled": false') }])
  expect(() => createAcpAgent(find('gemini')).command([], { ...launch, env: { PATH: bin } })).toThrow('gemini needs the program gemini, which is not on PATH')
})

test('none is left in a mode where a model grants permissions', () => {
  expect(Object.fromEntries(acpProfiles.map(({ name, quirks }) => [name, quirks.mode?.id]))).toEqual({
    opencode: 'build',
    claude: 'default',
    codex: 'workspace-write',
    copilot: 'https://agentclientprotocol.com/protocol/session-modes#agent',
    qwen: 'default',
    gemini: 'default',
  })
})

function find(name: string): AcpProfile {
  const profile = acpProfiles.find((each) => each.name === name)
  if (profile === undefined) throw new Error(`no profile ${name}`)
  return profile
}
