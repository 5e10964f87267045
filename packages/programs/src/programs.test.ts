import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createTempDir, removeTempDirs, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { programsHere, type Programs } from './programs.ts'
import { createStarter } from './starter.ts'
import type { ProgramCall } from './stream-program.ts'

const starter = createStarter()
const dir = createTempDir()
const env = { PATH: process.env['PATH'] ?? '' }

function shell(script: string, more: Partial<ProgramCall> = {}): ProgramCall {
  return { file: 'sh', args: ['-c', script], cwd: dir, env, timeoutMs: 30_000, maxBytes: 1 << 26, ...more }
}

async function parentOf(programs: Programs): Promise<number> {
  const end = await programs.run(shell('echo $PPID'))
  return end.kind === 'exited' ? Number(end.stdout.toString()) : Number.NaN
}

beforeAll(() => vi.waitUntil(async () => (await parentOf(starter)) !== process.pid, { timeout: 20_000 }))
afterAll(() => {
  starter.close()
  removeTempDirs()
})

describe.each([
  ['started here', programsHere],
  ['started by a starter', starter],
])('a program %s', (_name, programs) => {
  test('answers with its exit and its outputs, byte for byte, and gets its input to the end', async () => {
    const input = randomBytes(3_000_000)
    await expect(programs.run(shell('cat; echo said >&2; exit 3', { input }))).resolves.toEqual({ kind: 'exited', exitCode: 3, stdout: input, stderr: Buffer.from('said\n') })
    await expect(programs.run(shell('cat'))).resolves.toMatchObject({ exitCode: 0, stdout: Buffer.alloc(0) })
    await expect(programs.run(shell('true', { input }))).resolves.toMatchObject({ exitCode: 0 })
  })

  test('has the environment it was given and nothing else', async () => {
    const end = await programs.run({ ...shell(''), file: 'env', args: [], env: { ...env, GIVEN: 'yes', LEFT_OUT: undefined } })
    expect(end.kind === 'exited' && end.stdout.toString().trim().split('\n').toSorted()).toEqual(['GIVEN=yes', `PATH=${env.PATH}`])
  })

  test.each([
    ['there is no such program', { file: 'no-such-program' }, 'not_found'],
    ['there is no such folder', { cwd: join(dir, 'gone') }, 'not_found'],
    ['it cannot be given an argument', { args: ['a\0b'] }, 'not_started'],
    ['it does not end', { args: ['-c', 'exec sleep 5'], timeoutMs: 300 }, 'timed_out'],
    ['it and what it started do not end', { args: ['-c', 'sleep 3 & sleep 3'], timeoutMs: 300 }, 'timed_out'],
    ['it ends but leaves somebody with its output', { args: ['-c', '(sleep 3; echo rest) & echo part'], timeoutMs: 300 }, 'timed_out'],
    ['it says too much', { args: ['-c', 'yes'], maxBytes: 1_000 }, 'overflow'],
    ['it was killed', { args: ['-c', 'kill -9 $$'] }, 'ended'],
  ] as const)('that fails is told apart: %s', async (_case, more, why) => {
    // In a few words, that may stand in a sentence: no command line, no output.
    await expect(programs.run(shell('true', more))).resolves.toEqual({ kind: 'failed', why, message: expect.stringMatching(/^.{1,120}$/) })
  })

  test('is not mixed up with the others', async () => {
    const ends = await Promise.all(Array.from({ length: 40 }, (_, index) => programs.run(shell(`sleep 0.${index % 3}; echo ${index}`))))
    expect(ends.map((end) => end.kind === 'exited' && Number(end.stdout.toString()))).toEqual(Array.from({ length: 40 }, (_, index) => index))
  })

  test('that is launched has a session of its own, no input, and a log that is only added to', async () => {
    const log = join(createTempDir(), 'log')
    for (const word of ['one', 'two']) {
      const end = await programs.launch({ ...shell(`cat; echo ${word} $$; echo ${word} >&2`), log })
      expect(end).toMatchObject({ kind: 'launched' })
      const pid = end.kind === 'launched' ? end.pid : 0
      await expect.poll(() => readFileSync(log, 'utf8')).toContain(`${word} ${pid}\n${word}\n`)
    }
    const end = await programs.launch({ ...shell('sleep 60'), log })
    const pid = end.kind === 'launched' ? end.pid : 0
    // Fields after the name, which may hold spaces: state, parent, group, session.
    expect(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ').slice(2, 4)).toEqual([String(pid), String(pid)])
    process.kill(pid)
  })

  test('that cannot be launched is said to be so', async () => {
    const log = join(dir, 'log')
    await expect(programs.launch({ ...shell(''), file: 'no-such-program', log })).resolves.toMatchObject({ kind: 'failed', message: expect.stringContaining('ENOENT') })
    await expect(programs.launch({ ...shell('true'), log: join(dir, 'gone', 'log') })).resolves.toMatchObject({ kind: 'failed', message: expect.stringContaining('gone') })
    expect(existsSync(join(dir, 'gone'))).toBe(false)
  })
})

test('a process without descriptors left is told so, and goes on', () => {
  const file = join(createTempDir(), 'owner.ts')
  const here = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'programs.ts')).href)
  writeFileSync(
    file,
    `import { closeSync, openSync } from 'node:fs'
    import { programsHere } from ${here}
    const call = ${JSON.stringify(shell('echo there'))}
    const held = []
    try { for (;;) held.push(openSync('/dev/null')) } catch { /* there are none left, which is wanted */ }
    const none = await programsHere.run(call)
    const launched = await programsHere.launch({ ...call, log: '/dev/null' })
    for (const one of held) closeSync(one)
    const some = await programsHere.run(call)
    console.log(none.kind, none.why, launched.kind, some.kind)`,
  )
  expect(run(dir, 'sh', ['-c', `ulimit -n 64; exec "${process.execPath}" --no-warnings "${file}"`])).toBe('failed not_started failed exited\n')
})
