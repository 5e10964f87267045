import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentEvent } from '@signalbox/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAgentLines, type AgentLines } from './agent-lines.ts'
import { openTranscript, readTranscript, type Transcript } from './transcript.ts'

let folder: string
let transcript: Transcript
let lines: AgentLines

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-lines-'))
  transcript = openTranscript(join(folder, 'transcript.jsonl'), {}, { now: () => '2026-01-01T00:00:00.000Z' })
  lines = createAgentLines(transcript)
})
afterEach(() => {
  transcript.close()
  rmSync(folder, { recursive: true, force: true })
})

it('puts words together to lines, and keeps all of a long one', async () => {
  for (const text of ['one\ntw', 'o\n', 'x'.repeat(40_000), 'y']) lines.write({ type: 'message', text, partial: true })
  lines.write({ type: 'thought', text: 'hm', partial: false })
  expect(await readTexts()).toEqual(['one', 'two', 'x'.repeat(16_384), 'x'.repeat(16_384), `${'x'.repeat(40_000 - 2 * 16_384)}y`, 'hm'])
})

it('does not keep words in memory for which no end of a line comes', async () => {
  for (let count = 0; count < 100; count += 1) lines.write({ type: 'message', text: 'x'.repeat(1_000), partial: true })
  expect((await readTexts()).join('').length).toBeGreaterThan(80_000)
})

it('writes no line that a reader never gets past: of what is too long, only what it says is kept', async () => {
  const paths = Array.from({ length: 200 }, (_, at) => `${at}/${'p'.repeat(16_000)}`)
  const event: AgentEvent = { type: 'tool', id: 't1', status: 'done', kind: 'edit', title: 'Edit it', paths }
  lines.write(event)
  lines.write({ type: 'message', text: 'and on', partial: false })
  expect(await readTexts()).toEqual(['edit Edit it (done)', 'and on'])
})

it('keeps no part of a secret where a long text is cut', async () => {
  const path = join(folder, 'secret.jsonl')
  const other = openTranscript(path, { MY_TOKEN: 'swordfish-42' }, { now: () => '2026-01-01T00:00:00.000Z' })
  const long = `${'x'.repeat(16_380)}swordfish-42`
  createAgentLines(other).write({ type: 'tool', id: 't1', status: 'done', command: long, output: long })
  other.close()
  expect(readFileSync(path, 'utf8')).toContain('xxxx')
  expect(readFileSync(path, 'utf8')).not.toContain('swor')
})

async function readTexts(): Promise<readonly string[]> {
  const texts: string[] = []
  for (let from = 0; ; ) {
    const { lines: page, next } = await readTranscript(join(folder, 'transcript.jsonl'), from)
    if (next === from) return texts
    texts.push(...page.map(({ text }) => text))
    from = next
  }
}
