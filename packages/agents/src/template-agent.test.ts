import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { agentTemplateSchema, type AgentEvent } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { driveAgent } from './drive.ts'
import { createTemplateAgent } from './template-agent.ts'

afterAll(removeTempDirs)

test.each([
  [{ command: ['sh', '-c', 'cat; echo "$0 $1" > words', '$HOME', '{packet}'], prompt: 'stdin' }, /^\$HOME \/.*\/packet\.md\n$/],
  [{ command: ['sh', '-c', 'echo "$1"; echo "$2" > words', 'sh', 'Do this: {prompt}', '{other}'], prompt: 'argument' }, /^\{other\}\n$/],
  [{ command: ['sh', '-c', 'cat "$0"; echo "$GREETING" > words', '{packet}'], env: { GREETING: 'hello' } }, /^hello\n$/],
])('%j is given its prompt, word by word and through no shell of ours', async (settings, words) => {
  const { end, said, cwd } = await drive(settings, 'It is; `rm` "$HOME"\nand more')
  expect(end).toMatchObject({ stop: 'done', exitCode: 0 })
  expect(said).toContain('It is; `rm` "$HOME"\nand more')
  expect(readFileSync(join(cwd, 'words'), 'utf8')).toMatch(words)
})

test('a program that another run could have put into the folder is not taken for it', async () => {
  const tree = createTempDir('tree')
  writeFileSync(join(tree, 'my-agent'), '#!/bin/sh\n', { mode: 0o755 })
  for (const [command, env] of [[['my-agent'], { PATH: '.:' }], [['./my-agent'], { PATH: tree }], [['my-agent'], { PATH: relative(process.cwd(), tree) }]] as const) {
    const agent = createTemplateAgent('mine', agentTemplateSchema.parse({ command, speaks: 'acp' }))
    expect(await agent.detect?.(env)).toMatchObject({ program: null })
    expect(() => agent.command([], { prompt: '', packet: '/p', cwd: tree, home: '/h', keepsOwn: false, env, session: undefined, mcp: undefined })).toThrow(expect.objectContaining({ code: 'agent.not_installed' }))
  }
  expect(await createTemplateAgent('mine', agentTemplateSchema.parse({ command: ['my-agent'], env: { PATH: tree } })).detect?.({})).toMatchObject({ program: join(tree, 'my-agent') })
})

test.each([
  ['a packet as long as no argument may be', 'x'.repeat(128 * 1024)],
  ['a zero byte', 'a\0b'],
])('%s is refused as an argument, with another way to hand it over', async (_, prompt) => {
  await expect(drive({ command: ['true', '{prompt}'], prompt: 'argument' }, prompt)).rejects.toMatchObject({ code: 'input.invalid', hint: expect.stringContaining('prompt: stdin') })
  expect((await drive({ command: ['cat'], prompt: 'stdin' }, prompt)).end).toMatchObject({ stop: 'done' })
})

test('its exit code says how it did', async () => {
  expect((await drive({ command: ['sh', '-c', 'exit 7'], prompt: 'stdin' }, 'x')).end).toMatchObject({ stop: 'error', exitCode: 7 })
})

test.each([
  [{ command: [] }, 'command'],
  [{ command: ['x'], prompt: 'argument' }, '{prompt}'],
  [{ command: ['x'], env: { 'not a name': '1' } }, 'env'],
  [{ command: ['x'], end: 'never' }, 'end'],
  [{ command: ['x'], promt: 'stdin' }, 'promt'],
])('%j is refused, naming what is wrong', (settings, named) => {
  expect(JSON.stringify(agentTemplateSchema.safeParse(settings).error?.issues)).toContain(named)
})

async function drive(settings: unknown, prompt: string) {
  const events: AgentEvent[] = []
  const cwd = createTempDir('tree')
  const agent = createTemplateAgent('mine', agentTemplateSchema.parse(settings))
  const end = await driveAgent({ agent, cwd, home: createTempDir('home'), prompt, onEvent: (event) => void events.push(event) })
  return { end, cwd, said: events.flatMap((event) => (event.type === 'message' ? [event.text] : [])).join('') }
}
