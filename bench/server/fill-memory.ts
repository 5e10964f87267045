import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { initMemory } from '@signalbox/api'
import { createToken } from '@signalbox/api/server'
import { runIdSchema, type RunId } from '@signalbox/core'
import { toEnd, walk, type Step } from '../../packages/core/test/events.ts'
import { stateFolderOf, stateRootOf } from '../../packages/memory/src/state-folder.ts'
import { markActive } from '../../packages/orchestrator/src/active-runs.ts'
import { takeLease } from '../../packages/orchestrator/src/lease.ts'
import { layoutState } from '../../packages/orchestrator/src/state-layout.ts'

/** A memory repo, and what a server of it is started with. */
export interface Filled {
  readonly memory: string
  readonly env: Readonly<Record<string, string>>
  readonly token: string
}

/** What is in it: notes of 2 KB, and runs of one task that have ended, or wait for an answer. */
export interface Filling {
  readonly notes: number
  readonly ended: number
  readonly waiting: number
}

/** Makes a memory repo in a folder that is not there yet. No agent runs: the runs that wait belong to this process, as they would to their supervisors. */
export async function fillMemory(folder: string, { notes, ended, waiting }: Filling): Promise<Filled> {
  const memory = join(folder, 'memory')
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, SIGNALBOX_STATE: join(folder, 'state') }
  mkdirSync(folder, { recursive: true })
  await initMemory(memory, env)
  const layout = layoutState(stateFolderOf(stateRootOf(env), memory))
  write(join(memory, 'tasks', 'T0001-count-the-words.md'), '---\nid: T0001\ntitle: Count the words\nstatus: active\nrepos: [api, web]\n---\nAll of them.\n')
  for (let number = 1; number <= notes; number += 1) write(join(memory, 'notes', `N${String(number).padStart(4, '0')}-note.md`), noteOf(number))
  for (let number = 1; number <= ended + waiting; number += 1) {
    const run = runIdSchema.parse(`R${String(number).padStart(4, '0')}`)
    const log = logOf(run, number <= ended ? toEnd : ['run.claimed', 'run.prepared', 'run.started', 'question.asked'])
    write(layout.run(run).events, log)
    write(join(memory, 'runs', run, 'events.jsonl'), log)
    if (number <= ended) continue
    await markActive(layout, run)
    await takeLease(layout, run, process.pid)
  }
  return { memory, env, token: await createToken({ memory, env }) }
}

function logOf(run: RunId, steps: readonly Step[]): string {
  const lines = walk(...steps).map((event) => `${JSON.stringify(event)}\n`)
  return lines.join('').replaceAll('R0031', run).replaceAll('T0147', 'T0001')
}

/** Words of a vocabulary of 20,000, each note with others. */
function noteOf(number: number): string {
  const id = `N${String(number).padStart(4, '0')}`
  const words = Array.from({ length: 300 }, (_, at) => `w${(number * 7_919 + at * at * 31) % 20_000}`)
  return `---\nid: ${id}\ntitle: Note ${number} about ${words.slice(0, 3).join(' ')}\n---\n${words.join(' ')}\n`
}

const made = new Set<string>()

function write(path: string, text: string): void {
  const folder = path.slice(0, path.lastIndexOf('/'))
  if (!made.has(folder)) mkdirSync(folder, { recursive: true })
  made.add(folder)
  writeFileSync(path, text)
}
