import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Intake, Reading } from '../intake/messages.ts'
import { takeInTurn } from '../paired.ts'
import type { Row } from '../row.ts'

/** Megabytes that are read in a round, by however many programs they are written. Of one run no more than 64 MiB are kept. */
const roundMb = 50

/** Megabytes that reading may cost more than reading and dropping. */
const boundMb = 100

const names: Readonly<Record<Exclude<Intake, 'drop'>, string>> = {
  keep: 'kept byte for byte but for secrets',
  print: 'kept as lines of a transcript',
  talk: 'kept byte for byte, understood, and told in a transcript',
}

/** Processor time and memory of one process that reads what so many programs write, against one that drops it. */
export async function intake(folder: string, count: number, way: keyof typeof names): Promise<readonly Row[]> {
  const file = join(folder, 'said.jsonl')
  writeFileSync(file, linesOf((roundMb * 1_000_000) / count))
  const side = (how: Intake) => () => read(join(folder, 'kept'), { count, file, how })
  const { ours, floor } = await takeInTurn(5, side(way), side('drop'))
  const name = `${roundMb} MB of JSON lines from ${count === 1 ? 'an agent' : `${count} agents in one process`}, ${names[way]}`
  const extraMb = ours.map(({ peakMb }, round) => peakMb - (floor[round]?.peakMb ?? Number.NaN))
  return [
    // At least half as many bytes a second. In time of the processor: what else the machine does at the moment does not count.
    { name: `${name}: processor time`, floor: 'read and dropped', goal: 2, paired: { ours: ours.map(({ cpuMs }) => cpuMs), floor: floor.map(({ cpuMs }) => cpuMs) } },
    { name: `${name}: memory more than dropped`, floor: `a bound of ${boundMb} MB`, goal: 1, unit: 'MB', paired: { ours: extraMb, floor: extraMb.map(() => boundMb) } },
  ]
}

async function read(folder: string, { count, file, how }: { readonly count: number; readonly file: string; readonly how: Intake }): Promise<Reading> {
  mkdirSync(folder)
  const child = fork(fileURLToPath(new URL('../intake/reader-process.ts', import.meta.url)), [how, String(count), file, folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const failed = new AbortController()
  child.once('exit', (code) => {
    if (code !== 0) failed.abort(new Error(`the process that reads exited ${code}`))
  })
  const [[reading]] = (await Promise.all([once(child, 'message', { signal: failed.signal }), once(child, 'exit', { signal: failed.signal })])) as unknown as [[Reading], unknown]
  rmSync(folder, { recursive: true })
  return reading
}

/** What an agent of lines says in so many bytes: it thinks, looks for something, finds sixty lines, and says so, again and again. */
function linesOf(bytes: number): string {
  const found = Array.from({ length: 60 }, (_, line) => `src/part${line}/file${line}.ts:${line * 7}:  export const value = compute(${line}, "a word")`).join('\n')
  const lines = [{ type: 'thread.started', thread_id: '01a204c8-eb72-7630-b675-1c882af81555' }].map(lineOf)
  for (let [turn, size] = [0, 0]; size < bytes; turn += 1) {
    const call = { id: `item_${turn}c`, type: 'command_execution', command: `/bin/bash -lc 'rg -n value${turn} src'` }
    const said = [
      { type: 'item.completed', item: { id: `item_${turn}r`, type: 'reasoning', text: 'I look for where the value is computed, and who calls it, before I change what it means.' } },
      { type: 'item.started', item: { ...call, aggregated_output: '', exit_code: null, status: 'in_progress' } },
      { type: 'item.completed', item: { ...call, aggregated_output: found, exit_code: 0, status: 'completed' } },
      { type: 'item.completed', item: { id: `item_${turn}m`, type: 'agent_message', text: 'It is computed in one place and read in twelve. I change the place, then run the tests of its package.' } },
    ].map(lineOf)
    lines.push(...said)
    size += said.join('').length
  }
  return [...lines, lineOf({ type: 'turn.completed', usage: { input_tokens: 1, cached_input_tokens: 1, output_tokens: 1 } })].join('')
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}
