import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentEvent } from '@signalbox/core'
import { createTempDir, nodeProgram, removeTempDirs, writeFiles, type FileContent } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { driveAgent, type Drive } from './drive.ts'
import { createHeadlessAgent, type HeadlessProfile } from './headless/profile.ts'
import { headlessProfiles } from './headless/profiles.ts'
import { markName } from './own-processes.ts'
import { shellAgent } from './shell.ts'

afterAll(removeTempDirs)

/** A program that talks like Claude Code: it asks before it writes, and goes on as it is told. */
const scripted = nodeProgram(`
const { createInterface } = require('node:readline')
const { writeFileSync } = require('node:fs')
const say = (line) => console.log(JSON.stringify(line))
createInterface({ input: process.stdin }).on('line', (text) => {
  const line = JSON.parse(text)
  if (line.type === 'user') {
    say({ type: 'system', subtype: 'init', session_id: 's1', model: 'none', permissionMode: 'default' })
    say({ type: 'assistant', message: { content: [{ type: 'text', text: line.message.content[0].text + ' …' }, { type: 'tool_use', id: 't1', name: 'Write', input: { file_path: 'out.txt' } }] } })
    say({ type: 'control_request', request_id: 'q1', request: { subtype: 'can_use_tool', tool_name: 'Write', tool_use_id: 't1', input: { file_path: 'out.txt' } } })
  }
  if (line.type === 'control_response') {
    const isAllowed = line.response.response.behavior === 'allow'
    if (isAllowed) writeFileSync('out.txt', process.env.${markName} + '\\n')
    say({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't1', is_error: !isAllowed, content: 'ok' }] } })
    say({ type: 'result', subtype: 'success', is_error: false, session_id: 's1' })
  }
}).on('close', () => process.exit(0))
`)

test('an agent asks, is allowed, and does it in its folder', async () => {
  const { drive, events } = arrange({ onPermission: async ({ paths }) => (paths[0] === 'out.txt' ? { kind: 'allow', lasting: 'once' } : { kind: 'cancelled' }) })
  expect(await driveAgent(drive)).toEqual({ stop: 'done', because: expect.any(String), session: 's1', exitCode: 0, strays: 0 })
  expect(readFileSync(join(drive.cwd, 'out.txt'), 'utf8')).toMatch(/^[\w-]{36}\n$/)
  expect(events).toContainEqual({ type: 'message', text: 'Write it …', partial: false })
  expect(events).toContainEqual(expect.objectContaining({ type: 'tool', id: 't1', status: 'done', edits: [{ path: 'out.txt', change: 'modify' }] }))
})

test('where nobody answers questions, they are refused', async () => {
  const { drive, events } = arrange({})
  expect(await driveAgent(drive)).toMatchObject({ stop: 'done' })
  expect(events).toContainEqual(expect.objectContaining({ type: 'tool', id: 't1', status: 'refused' }))
  expect(() => readFileSync(join(drive.cwd, 'out.txt'))).toThrow('ENOENT')
})

test('asked to stop while it waits for an answer, it ends', async () => {
  const stop = new AbortController()
  const { drive, events } = arrange({
    signal: stop.signal,
    onPermission: () => {
      stop.abort()
      return new Promise(() => {})
    },
  })
  expect(await driveAgent(drive)).toMatchObject({ stop: 'cancelled', session: 's1' })
  expect(events.at(-1)).toMatchObject({ type: 'turn', stop: 'cancelled' })
})

test('what it leaves running is ended, also what left its group and does not want to', async () => {
  const { drive } = arrange({})
  const left = join(drive.cwd, 'left.pid')
  const script = `require('node:child_process').spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 0.2; done'], { detached: true, stdio: 'ignore' }).on('spawn', function () { require('node:fs').writeFileSync('left.pid', String(this.pid)); process.exit(0) })`
  const end = await driveAgent({ ...drive, agent: shellAgent, argv: [process.execPath, '-e', script] })
  expect(end).toMatchObject({ stop: 'done', exitCode: 0 })
  expect(end.strays).toBeGreaterThan(0)
  const stat = `/proc/${readFileSync(left, 'utf8')}/stat`
  expect(existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))).toBe(false)
})

test('one whose output is just text is heard, and judged by its exit code', async () => {
  const { drive, events } = arrange({})
  const end = await driveAgent({ ...drive, agent: shellAgent, argv: ['sh', '-c', 'echo hello; exit 3'] })
  expect(end).toMatchObject({ stop: 'error', because: 'It exited 3', exitCode: 3 })
  expect(events.flatMap((event) => (event.type === 'message' ? [event.text] : [])).join('')).toBe('hello\n')
})

test('one that asks without an end and reads no answer does not fill the memory', async () => {
  const asking = nodeProgram(`
const line = JSON.stringify({ type: 'control_request', request_id: 'q'.repeat(400), request: { subtype: 'nothing' } }) + '\\n'
const { writeSync } = require('node:fs')
for (let sent = 0; sent < 300; sent += 1) for (let piece = Buffer.from(line.repeat(1_000)), at = 0; at < piece.length; ) try { at += writeSync(1, piece, at) } catch {}
`)
  const { drive } = arrange({ program: asking })
  const before = process.memoryUsage().rss
  const end = await driveAgent(drive)
  expect(end).toMatchObject({ stop: 'lost' })
  expect(process.memoryUsage().rss - before).toBeLessThan(120 << 20)
})

test('why it gave up is read from its standard error', async () => {
  const { drive } = arrange({ program: { executable: '#!/bin/sh\necho "no login found" >&2\nexit 1\n' } })
  expect(await driveAgent(drive)).toMatchObject({ stop: 'lost', exitCode: 1, because: expect.stringContaining('no login found') })
})

test('a program that cannot be started is a fault', async () => {
  const { drive } = arrange({ program: { executable: '#!/no/such/interpreter\n' } })
  await expect(driveAgent(drive)).rejects.toMatchObject({ code: 'run.failed' })
})

function arrange({ program = scripted, ...rest }: Partial<Drive> & { readonly program?: FileContent }): { readonly drive: Drive; readonly events: readonly AgentEvent[] } {
  const folder = createTempDir('drive')
  writeFiles(folder, { agent: program })
  const events: AgentEvent[] = []
  const agent = createHeadlessAgent({ ...claude(), program: join(folder, 'agent') })
  return { events, drive: { agent, cwd: createTempDir('tree'), home: join(folder, 'home'), prompt: 'Write it', onEvent: (event) => void events.push(event), ...rest } }
}

function claude(): HeadlessProfile {
  const found = headlessProfiles.find(({ name }) => name === 'claude')
  if (found === undefined) throw new Error('there is no profile for claude')
  return found
}
