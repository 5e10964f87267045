import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConversationEnd } from '@signalbox/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, type CommandRequest } from './command.ts'
import type { Pipes } from './converse.ts'
import { findTagged } from './process-tree.ts'
import { openRawOutput } from './raw-output.ts'
import { openTranscript, readTranscript, type Transcript } from './transcript.ts'

let folder: string
let transcript: Transcript

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-converse-'))
  transcript = openTranscript(join(folder, 'transcript.jsonl'), {}, { now: () => '2026-01-01T00:00:00.000Z' })
})
afterEach(() => {
  transcript.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Echoes each line it reads, until it reads `bye`. */
const echo = `process.stdin.setEncoding('utf8'); let rest = ''
process.stdin.on('data', (text) => { const lines = (rest + text).split('\\n'); rest = lines.pop(); for (const line of lines) { if (line === 'bye') process.exit(0); console.log('heard ' + line) } })
process.on('SIGTERM', () => {})`

const done: ConversationEnd = { stop: 'done', because: 'it said so', session: 's1' }

function request(script: string, more: Partial<CommandRequest> = {}): CommandRequest {
  const env = { PATH: process.env['PATH'] ?? '' }
  return { argv: [process.execPath, '-e', script], cwd: folder, env, tag: randomUUID(), isConfined: false, limitMs: 60_000, abort: new AbortController().signal, transcript, streams: { stdout: 'stdout', stderr: 'stderr' }, ...more }
}

async function readLine({ output }: Pipes): Promise<string> {
  let text = ''
  for await (const chunk of output) {
    text += Buffer.from(chunk).toString()
    if (text.includes('\n')) break
  }
  return text
}

describe('a conversation with a program', () => {
  it('is over when it says so: the program is ended, and how it went is what was said', async () => {
    const tag = randomUUID()
    const heard: string[] = []
    const end = await runCommand(request(echo, { tag, converse: async (pipes) => {
      pipes.input.write('hello\n')
      heard.push(await readLine(pipes))
      return done
    } }))
    expect(heard).toEqual(['heard hello\n'])
    expect(end).toMatchObject({ endedBy: 'itself', because: 'it said so', spoken: done })
    expect(findTagged(tag)).toEqual([])
    expect((await readTranscript(join(folder, 'transcript.jsonl'), 0)).lines).toEqual([])
  })

  it('hears all that was written, however long it takes to make something of it', async () => {
    const bytes = 8 * 65_536
    let heard = 0
    const end = await runCommand(request(`process.stdout.write('x'.repeat(${bytes}))`, { converse: async ({ output }) => {
      for await (const chunk of output) {
        heard += chunk.length
        await delay(800)
      }
      return done
    } }))
    expect(heard).toBe(bytes)
    expect(end.spoken).toEqual(done)
  }, 20_000)

  it('hears of the end of a program that goes by itself', async () => {
    const end = await runCommand(request(`console.log('x'); process.exit(3)`, { converse: async ({ output }) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of output) chunks.push(chunk)
      return { stop: 'lost', because: `it ended after ${Buffer.concat(chunks).toString().trim()}`, session: undefined }
    } }))
    expect(end).toMatchObject({ exitCode: 3, endedBy: 'itself', because: 'it ended after x', spoken: { stop: 'lost' } })
  })

  it('is asked to end before the program is', async () => {
    const abort = new AbortController()
    const end = await runCommand(request(echo, { abort: abort.signal, converse: async (pipes) => {
      const cancelled = new Promise<void>((resolve) => pipes.cancel.addEventListener('abort', () => resolve()))
      setImmediate(() => abort.abort())
      await cancelled
      pipes.input.write('bye\n')
      for await (const _chunk of pipes.output) continue
      return { stop: 'cancelled', because: 'it was told', session: 's1' }
    } }))
    expect(end).toMatchObject({ exitCode: 0, endedBy: 'abort', spoken: { stop: 'cancelled', session: 's1' } })
  })

  it('that fails ends the program, and is said', async () => {
    const tag = randomUUID()
    const end = await runCommand(request(echo, { tag, converse: () => Promise.reject(new Error('no such frame')) }))
    expect(end).toMatchObject({ endedBy: 'itself', spoken: { stop: 'error', because: 'its adapter failed: no such frame' } })
    expect(findTagged(tag)).toEqual([])
  })

  it('does not hold the run open when it does not listen', async () => {
    const end = await runCommand(request('process.exit(0)', { converse: () => new Promise<ConversationEnd>(() => undefined) }))
    expect(end).toMatchObject({ exitCode: 0, spoken: { stop: 'lost' } })
  }, 10_000)

  it('may hold the limit of time still', async () => {
    const end = await runCommand(request(echo, { limitMs: 300, converse: async (_pipes, limit) => {
      limit.pause()
      await new Promise((resolve) => setTimeout(resolve, 600))
      limit.resume()
      return done
    } }))
    expect(end).toMatchObject({ endedBy: 'itself' })
  })
})

describe('the output that is kept', () => {
  it('is every byte as it came, however it was cut, but for secrets', () => {
    const path = join(folder, 'output')
    const raw = openRawOutput(path, { API_KEY: 'gehëim-1234' })
    const bytes = Buffer.concat([Buffer.from([0xff, 0x00, 0x1b]), Buffer.from(' gehëim-1234\r\nlast')])
    for (const byte of bytes) raw.write(Buffer.from([byte]))
    raw.close()
    expect(readFileSync(path)).toEqual(Buffer.concat([Buffer.from([0xff, 0x00, 0x1b]), Buffer.from(' [redacted]\r\nlast')]))
  })

  it('does not grow without bound in memory for a line without end', () => {
    const raw = openRawOutput(join(folder, 'output'), {})
    const chunk = Buffer.alloc(1 << 20, 'x')
    for (let index = 0; index < 80; index += 1) raw.write(chunk)
    raw.close()
    expect(readFileSync(join(folder, 'output')).length).toBeLessThanOrEqual(66 << 20)
  })
})
