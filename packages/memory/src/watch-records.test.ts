import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir } from '@signalbox/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRecordWatch, type WatchOptions } from './watch-records.ts'

/** Sooner than the look at everything, every ten seconds, would find it. */
const within = { timeout: 8_000, interval: 10 }
const record = '---\nid: T0001\ntitle: Try\nstatus: ready\n---\n'

let dir: string
let stop: AbortController
const told: (readonly string[])[] = []

beforeEach(() => {
  dir = createTempDir('watch')
  for (const folder of ['tasks', 'notes', 'runs']) mkdirSync(join(dir, folder))
  writeFileSync(join(dir, 'signalbox.yaml'), 'format: 1\n')
  writeFileSync(join(dir, 'tasks/T0001-try.md'), record)
  stop = new AbortController()
  told.length = 0
})
afterEach(() => stop.abort())

function watch(options?: WatchOptions): void {
  createRecordWatch(dir, options).watch((paths) => told.push(paths), stop.signal)
}

/** Changes by anybody, and what is told of them. */
const changes: readonly (readonly [by: string, change: () => void, paths: readonly string[]])[] = [
  ['an editor that writes in place', () => appendFileSync(join(dir, 'tasks/T0001-try.md'), 'more\n'), ['tasks/T0001-try.md']],
  [
    'an editor that writes a temporary file and renames it',
    () => {
      writeFileSync(join(dir, 'tasks/.T0001-try.md.swp'), record)
      renameSync(join(dir, 'tasks/.T0001-try.md.swp'), join(dir, 'tasks/T0001-try.md'))
    },
    ['tasks/T0001-try.md'],
  ],
  ['a new record', () => writeFileSync(join(dir, 'notes/N0001-a.md'), ''), ['notes/N0001-a.md']],
  ['a removed record', () => rmSync(join(dir, 'tasks/T0001-try.md')), ['tasks/T0001-try.md']],
  ['other settings', () => appendFileSync(join(dir, 'signalbox.yaml'), 'repos: {}\n'), ['signalbox.yaml']],
  ['a new run', () => mkdirSync(join(dir, 'runs/R0001')), ['runs/R0001']],
]

describe('a watch on a memory repo', () => {
  it.each(changes)('tells of %s without being asked', async (_by, change, paths) => {
    watch()
    change()
    await vi.waitFor(() => expect(told).toEqual([paths]), within)
  })

  it('tells changes that come together once, sorted', async () => {
    watch()
    for (const name of ['N0002-b.md', 'N0001-a.md', 'N0001-a.md']) appendFileSync(join(dir, 'notes', name), 'x')
    await vi.waitFor(() => expect(told).toEqual([['notes/N0001-a.md', 'notes/N0002-b.md']]), within)
  })

  it('does not list hundreds of paths, and says that it does not know', async () => {
    watch()
    for (let index = 0; index < 300; index += 1) writeFileSync(join(dir, `notes/N${1000 + index}.md`), '')
    await vi.waitFor(() => expect(told).toEqual([[]]), within)
  })

  it('tells nothing of temporary files and of what is no record', async () => {
    watch()
    for (const path of ['tasks/.signalbox-1-000000000000.tmp', 'tasks/T0001-try.md~', 'tasks/notes.txt', 'runs/.tmp', 'README.md', '.hidden.md']) writeFileSync(join(dir, path), '')
    appendFileSync(join(dir, 'tasks/T0001-try.md'), 'the one to wait for\n')
    await vi.waitFor(() => expect(told).toEqual([['tasks/T0001-try.md']]), within)
  })

  it('sees a folder that appears later, what is in it already and what comes', async () => {
    watch()
    mkdirSync(join(dir, 'decisions'))
    writeFileSync(join(dir, 'decisions/D0001-a.md'), '')
    await vi.waitFor(() => expect(told[0]).toEqual([]), within)
    told.length = 0
    writeFileSync(join(dir, 'decisions/D0002-b.md'), '')
    await vi.waitFor(() => expect(told).toEqual([['decisions/D0002-b.md']]), within)
  })

  it('goes on with a folder that was replaced', async () => {
    watch()
    renameSync(join(dir, 'tasks'), join(dir, 'old'))
    mkdirSync(join(dir, 'tasks'))
    await vi.waitFor(() => expect(told[0]).toEqual([]), within)
    told.length = 0
    writeFileSync(join(dir, 'tasks/T0002-b.md'), '')
    await vi.waitFor(() => expect(told).toEqual([['tasks/T0002-b.md']]), within)
  })

  it('says nothing any more once it is stopped', async () => {
    watch()
    appendFileSync(join(dir, 'tasks/T0001-try.md'), 'more\n')
    stop.abort()
    stop = new AbortController()
    watch()
    const before = told.length
    writeFileSync(join(dir, 'notes/N0001-a.md'), '')
    await vi.waitFor(() => expect(told.slice(before)).toEqual([['notes/N0001-a.md']]), within)
    expect(before).toBe(0)
  })
})

describe('where the system cannot watch', () => {
  const unwatched: WatchOptions = { unwatchedSurveyMs: 20, watchFolders: () => ({ isComplete: () => false, retry: () => undefined, close: () => undefined }) }

  it.each(changes)('%s is found by looking', async (_by, change, paths) => {
    watch(unwatched)
    change()
    await vi.waitFor(() => expect(told).toEqual([paths]), within)
  })

  it('a folder of records that becomes a link, through which none are read, is found by looking', async () => {
    watch(unwatched)
    renameSync(join(dir, 'tasks'), join(dir, 'elsewhere'))
    symlinkSync('elsewhere', join(dir, 'tasks'))
    await vi.waitFor(() => expect(told).toEqual([readdirSync(join(dir, 'elsewhere')).map((name) => `tasks/${name}`)]), within)
  })

  it('a memory repo that goes away and comes back is a change of nobody knows what', async () => {
    watch(unwatched)
    renameSync(join(dir, 'signalbox.yaml'), join(dir, 'away'))
    rmSync(join(dir, 'tasks'), { recursive: true })
    await vi.waitFor(() => expect(told).toEqual([[]]), within)
    renameSync(join(dir, 'away'), join(dir, 'signalbox.yaml'))
    await vi.waitFor(() => expect(told).toEqual([[], []]), within)
  })
})
