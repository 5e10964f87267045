import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Launch } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createHeadlessAgent, type HeadlessProfile } from './profile.ts'
import { headlessProfiles } from './profiles.ts'

const bin = createTempDir('bin')
for (const { program } of headlessProfiles) writeFileSync(join(bin, program), '#!/bin/sh\n', { mode: 0o755 })
afterAll(removeTempDirs)

const launch: Launch = {
  prompt: 'The prompt nobody else should read',
  packet: '/run/packet.md',
  cwd: '/run/tree',
  home: '/run/home',
  keepsOwn: false,
  env: { PATH: bin, HOME: '/home/human' },
  session: undefined,
  mcp: { name: 'signalbox', url: 'http://127.0.0.1:1/mcp', token: 'token-of-the-run' },
}

/** Words of modes in which nobody is asked, or a model is. */
const unsafe = /yolo|dangerously|bypass|allow-all|danger-full-access|--auto\b|auto-approve|approval-mode (default|auto)( |$)/

const withKeys: Launch['env'] = Object.fromEntries(['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'COPILOT_GITHUB_TOKEN'].map((name) => [name, 'key-of-the-human']))

describe.each(headlessProfiles)('$name', (profile) => {
  const started = (argv: readonly string[], of: Partial<Launch> = {}) => createHeadlessAgent(profile).command(argv, { ...launch, ...of })

  test('is started in no mode that lets it do everything, unless a human says so', async () => {
    const { argv } = await started([])
    expect(argv.join(' ')).not.toMatch(unsafe)
    if (profile.mayAllowCommands) expect((await started(['--allow-commands'])).argv).not.toContain('--allow-commands')
    else expect(() => started(['--allow-commands'])).toThrow('means nothing for')
  })

  test('shows neither prompt nor token in its command line, where every user of the machine can read them', async () => {
    const { argv } = await started([], { session: 'the-session' })
    expect(argv.join(' ')).not.toMatch(/nobody else|token-of-the-run/)
    expect(argv.join(' ')).toContain('the-session')
  })

  test('is handed our tool server where it takes one, and not where there is none', async () => {
    const { argv, env, files = [] } = await started([])
    const handed = JSON.stringify([argv, env, files])
    expect([handed.includes('127.0.0.1:1/mcp'), handed.includes('token-of-the-run')]).toEqual([profile.abilities.mcp, profile.abilities.mcp])
    expect(JSON.stringify(await started([], { mcp: undefined }))).not.toContain('127.0.0.1')
  })

  test('writes below the home of the run only, and takes no variable of the human away', async () => {
    for (const keepsOwn of [true, false]) {
      const { env, files = [] } = await started([], { keepsOwn, env: { ...launch.env, ...withKeys } })
      for (const { path } of files) expect(path).toMatch(/^\/run\/home\//)
      expect(Object.keys(env).filter((name) => ['HOME', 'PATH', 'XDG_CONFIG_HOME', ...Object.keys(withKeys)].includes(name))).toEqual([])
    }
  })

  test('is not told of a session that it might take for an option', () => {
    expect(() => started([], { session: '--dangerously-skip-permissions' })).toThrow(expect.objectContaining({ code: 'input.invalid' }))
    expect(() => started([], { session: 'a b' })).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  })

  test('gets what the human adds behind what is set', async () => {
    const { argv } = await started(['--model', 'x'])
    expect(argv.slice(argv.indexOf('--model'), argv.indexOf('--model') + 2)).toEqual(['--model', 'x'])
    expect(argv.indexOf('--model')).toBeGreaterThan(2)
  })

  test('is refused where its program is not on PATH, with how to install it', () => {
    expect(() => started([], { env: { PATH: createTempDir('empty') } })).toThrow(expect.objectContaining({ code: 'agent.not_installed', hint: expect.stringContaining(profile.npm) }))
  })
})

test.each([
  ['claude', 'CLAUDE_CONFIG_DIR'],
  ['codex', 'CODEX_HOME'],
  ['gemini', 'GEMINI_CLI_HOME'],
  ['qwen', 'QWEN_HOME'],
  ['copilot', 'COPILOT_HOME'],
])("%s keeps its own folder in the run's home when it is to, whatever keys there are, else that of the human holds", async (name, variable) => {
  const agent = createHeadlessAgent(profileOf(name))
  for (const keys of [{}, withKeys]) {
    const of = { ...launch, env: { ...launch.env, ...keys } }
    expect((await agent.command([], of)).env).not.toHaveProperty(variable)
    expect((await agent.command([], { ...of, keepsOwn: true })).env[variable]).toMatch(/^\/run\/home\//)
  }
})

test.each([
  ['claude', '--permission-prompt-tool stdio --permission-mode default'],
  ['codex', '-s workspace-write'],
  ['opencode', '"bash":"deny"'],
  ['gemini', '--approval-mode auto_edit'],
  ['qwen', '--approval-mode auto-edit'],
  // To allow edits alone lets it run commands that it thinks harmless.
  ['copilot', '--allow-tool=write --deny-tool=shell'],
  ['pi', '--tools read,grep,find,ls,edit,write --'],
])('%s is told %s unless its human allows commands', async (name, words) => {
  const told = async (argv: readonly string[]): Promise<string> => {
    const { argv: line, env } = await createHeadlessAgent(profileOf(name)).command(argv, launch)
    return [...line, ...Object.values(env)].join(' ')
  }
  expect(await told([])).toContain(words)
  if (profileOf(name).mayAllowCommands) expect(await told(['--allow-commands'])).not.toContain(words)
})

test('a program in the folder of the run is not taken for the agent', () => {
  const tree = createTempDir('tree')
  mkdirSync(join(tree, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(tree, 'node_modules/.bin/codex'), '#!/bin/sh\n', { mode: 0o755 })
  expect(() => createHeadlessAgent(profileOf('codex')).command([], { ...launch, cwd: tree, env: { PATH: 'node_modules/.bin:.' } })).toThrow('not on PATH')
})

function profileOf(name: string): HeadlessProfile {
  const found = headlessProfiles.find((profile) => profile.name === name)
  if (found === undefined) throw new Error(`no profile ${name}`)
  return found
}
