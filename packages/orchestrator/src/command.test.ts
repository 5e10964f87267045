import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { leaveUnkillable, readUnkillable } from '@signalbox/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, type CommandRequest } from './command.ts'
import { findTagged, identifyProcess, isAlive } from './process-tree.ts'
import { openTranscript, readTranscript, type Transcript } from './transcript.ts'

let folder: string
let transcript: Transcript
const clock = { now: () => '2026-01-01T00:00:00.000Z' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-command-'))
  transcript = openTranscript(join(folder, 'transcript.jsonl'), { MY_TOKEN: 'swordfish-42' }, clock)
})
afterEach(() => {
  transcript.close()
  rmSync(folder, { recursive: true, force: true })
})

function request(script: string, more: Partial<CommandRequest> = {}): CommandRequest {
  return {
    argv: ['/bin/sh', '-c', script],
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HERE: folder },
    tag: randomUUID(),
    isConfined: false,
    limitMs: 60_000,
    abort: new AbortController().signal,
    transcript,
    streams: { stdout: 'stdout', stderr: 'stderr' },
    ...more,
  }
}

async function linesSaid(): Promise<readonly string[]> {
  return (await readTranscript(join(folder, 'transcript.jsonl'), 0)).lines.map((line) => `${line.stream}: ${line.text}`)
}

describe('a supervised command', () => {
  it('reports its exit code and keeps both streams', async () => {
    const end = await runCommand(request('echo out; echo err >&2; exit 3'))
    expect(end).toMatchObject({ exitCode: 3, endedBy: 'itself', because: 'it exited 3' })
    expect((await linesSaid()).toSorted()).toEqual(['stderr: err', 'stdout: out'])
  })

  it('leaves no process alive: not one that left the group, nor one that ignores SIGTERM', async () => {
    const tag = randomUUID()
    const end = await runCommand(request(`setsid sh -c 'trap "" TERM; while :; do sleep 1; done' & sleep 0.1; exit 0`, { tag }))
    expect(end.exitCode).toBe(0)
    expect(findTagged(tag)).toEqual([])
  }, 20_000)

  // Elsewhere no process can be made that even a kill does not end.
  it.runIf(process.platform === 'linux')('names what even a kill does not end', async () => {
    const tag = randomUUID()
    const end = await runCommand(request(leaveUnkillable(join(folder, 'pids')), { tag }))
    const { pid, letGo } = readUnkillable(join(folder, 'pids'))
    try {
      expect(end).toMatchObject({ exitCode: 0, because: 'it exited 0', survivors: [pid] })
    } finally {
      letGo()
    }
    await expect.poll(() => findTagged(tag)).toEqual([])
  }, 20_000)

  it('is ended once it said nothing for too long, and not while it talks', async () => {
    const talks = await runCommand(request('for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done', { silenceMs: 400 }))
    expect(talks).toMatchObject({ endedBy: 'itself', exitCode: 0 })
    const silent = await runCommand(request('echo a; sleep 600', { silenceMs: 200 }))
    expect(silent).toMatchObject({ endedBy: 'limit', because: 'it was ended, for it said nothing for 0 minutes' })
  })

  it('ends the whole tree at its limit', async () => {
    const tag = randomUUID()
    const end = await runCommand(request('sleep 600 & sleep 600', { tag, limitMs: 200 }))
    expect(end).toMatchObject({ endedBy: 'limit' })
    expect(findTagged(tag)).toEqual([])
  }, 20_000)

  it('counts what earlier starts used of its limit, and says what is used by now', async () => {
    const first = await runCommand(request('sleep 0.3', { limitMs: 60_000 }))
    expect(first.usedMs).toBeGreaterThanOrEqual(300)
    expect(first.usedMs).toBeLessThan(30_000)
    const second = await runCommand(request('sleep 600', { limitMs: 60_000, usedMs: 59_900 }))
    expect(second).toMatchObject({ endedBy: 'limit', because: 'it was ended at its limit of 1 minutes' })
    expect(second.usedMs).toBe(60_000)
  }, 20_000)

  it('ends the whole tree when the caller aborts, also before it began', async () => {
    const abort = new AbortController()
    abort.abort()
    const end = await runCommand(request('sleep 600', { abort: abort.signal }))
    expect(end).toMatchObject({ endedBy: 'abort', because: 'it was asked to stop' })
  }, 20_000)

  it('says when the program cannot be started', async () => {
    const end = await runCommand(request('', { argv: ['/no/such/program'] }))
    expect(end.endedBy).toBe('never_started')
    expect(end.because).toContain('/no/such/program could not be started')
  })

  it('keeps the last output, though it comes without a newline', async () => {
    await runCommand(request('printf "first\\nlast"'))
    expect(await linesSaid()).toEqual(['stdout: first', 'stdout: last'])
  })

  it('hides secrets of the environment and escape sequences before they reach the disk', async () => {
    await runCommand(request(`printf 'token swordfish-42 \\033[31mred\\033[0m bell\\007 ghp_0123456789012345678901234567890123\\n'`))
    expect(await linesSaid()).toEqual(['stdout: token [redacted] red bell\\x07 [redacted]'])
    expect(readFileSync(join(folder, 'transcript.jsonl'), 'utf8')).not.toContain('swordfish-42')
  })

  it('cuts a line without end into pieces instead of keeping it in memory', async () => {
    await runCommand(request(`head -c 100000 /dev/zero | tr '\\0' x`))
    const lines = await linesSaid()
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.reduce((sum, line) => sum + line.length - 'stdout: '.length, 0)).toBe(100_000)
  })
})

describe('a process identity', () => {
  it('is this very process, not another one that was given its pid', () => {
    const me = identifyProcess(process.pid)
    if (me === undefined) throw new Error('this process has no identity')
    expect(isAlive(me)).toBe(true)
    expect(isAlive({ ...me, startTime: `${me.startTime}1` })).toBe(false)
    expect(isAlive({ ...me, bootId: 'another boot' })).toBe(false)
  })

  it('is unknown for a pid that nobody has', () => {
    expect(identifyProcess(2 ** 22 + 1)).toBeUndefined()
  })
})
