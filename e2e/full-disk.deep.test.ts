import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { savedRunForm } from './harness/checkpoints.ts'
import { makeSmallDisk, type SmallDisk } from './harness/hard-disk.ts'
import { createWorld, newTask, type World } from './harness/world.ts'

/** An agent that does not stop for a request to. */
const stubborn = (work: string): string => `trap '' TERM HUP INT; echo done > done.txt; ${work}; while :; do sleep 0.1; done`

const fillings = {
  'one file of its change': stubborn('dd if=/dev/zero of=big bs=1M'),
  'a file that git ignores': stubborn('dd if=/dev/zero of=big.ignored bs=1M'),
  'many small files': stubborn('i=0; while :; do i=$((i + 1)); dd if=/dev/zero of=big$i bs=1M count=1; done'),
  'a file that it keeps open, from a process of its own': stubborn('setsid sh -c "trap \'\' TERM; dd if=/dev/zero of=big.ignored bs=1M; sleep 1000" & wait'),
  'what it says': stubborn('yes "some words that are said over and over again" & dd if=/dev/zero of=big.ignored bs=1M; wait'),
} as const

/** What ends a run: the watch, or, on a disk that was full before the watch could look, the record that its agent was started. */
const fullDisk = /killed: Only \d+ MiB are free on the disk of .*; the last 20 MiB are for saving what runs made|^The disk is full: could not write .*log/

describe('an agent that fills the disk', () => {
  let world: World
  let disk: SmallDisk
  let env: Readonly<Record<string, string>>
  const stateOf = (): string => join(disk.folder, 'state', readdirSync(join(disk.folder, 'state'))[0] ?? '')

  beforeAll(async () => {
    world = await createWorld()
    disk = makeSmallDisk(world, 'small', '160m')
    mkdirSync(join(disk.folder, 'state'))
    env = { SIGNALBOX_STATE: join(disk.folder, 'state') }
    const api = world.source('api', { 'file.txt': 'before\n', '.gitignore': '*.ignored\n' })
    expect((await world.call(['repo', 'add', api, '--name', 'api'], { env })).exit).toBe(0)
    await newTask(world, 'Work', '--repo', 'api')
  })
  afterAll(async () => {
    disk.remove()
    await world.close()
  })

  const rows = Object.entries(fillings)
  it.each([...rows, ...rows])('with %s is ended before its end cannot be saved', async (_what, script) => {
    if (disk.full.noRoom === true) return // nothing may be mounted here
    const run = await work(script)
    expect(run).toMatchObject({ outcome: 'failed', because: expect.stringMatching(fullDisk), snapshots: [{ kind: 'round', complete: true }] })
    expect(readFileSync(join(stateOf(), 'workspaces', run.id, 'api', 'done.txt'), 'utf8')).toBe('done\n')
    const diff = await world.call(['diff', run.id], { env })
    expect(diff.stdout).toContain('done.txt')
    expect((await world.call(['handoff', 'list', '--task', 'T0001', '--json'], { env })).stdout).toContain(run.id)
    const cleaned = await world.call(['clean', run.id, '--unlanded'], { env })
    expect(cleaned.exit, cleaned.stderr).toBe(0)
  })

  it('with more than there is room for is told to have saved nothing, and is sealed once there is', async () => {
    if (disk.full.noRoom === true) return
    const run = await work(stubborn('dd if=/dev/urandom of=big bs=1M'))
    expect(run).toMatchObject({ outcome: 'failed', because: expect.stringMatching(/killed: Only .*; nothing was sealed: .*no room left/i), snapshots: [] })
    disk.grow('480m')
    const sealed = await world.call(['seal', run.id, '--json'], { env })
    expect(sealed.exit, sealed.stderr).toBe(0)
    // Its patch is the whole file once more, in letters: that it is in the round says as much.
    expect(JSON.parse(sealed.stdout)).toMatchObject({ snapshots: [{ complete: true, repos: [{ repo: 'api', files: 2 }] }] })
    expect((await world.call(['clean', run.id, '--unlanded'], { env })).exit).toBe(0)
  }, 120_000)

  it('keeps others from being begun until there is room', async () => {
    if (disk.full.noRoom === true) return
    disk.fill()
    const refused = await world.call(['run', 'T0001', '--agent', 'shell', '--', 'true'], { env })
    expect([refused.exit, refused.stderr]).toEqual([5, expect.stringMatching(/Only 0 MiB are free .*\n.*Make room there/s)])
    disk.makeRoom()
    expect(await work('echo more >> file.txt')).toMatchObject({ outcome: 'completed', snapshots: [{ complete: true }] })
  })

  async function work(script: string): Promise<z.infer<typeof savedRunForm>> {
    const ended = await world.call(['run', 'T0001', '--agent', 'shell', '--minutes', '2', '--json', '--', 'sh', '-c', script], { env })
    expect(ended.stdout, ended.stderr).not.toContain('"error"')
    return savedRunForm.parse(JSON.parse(ended.stdout))
  }
})
