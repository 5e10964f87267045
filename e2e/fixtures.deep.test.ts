import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { mergeForm, runForm } from './harness/contract.ts'
import { askFixture, listFixtures, placeFixture, readAnswers, readManifest, readVersion, type Manifest } from './harness/fixture.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import type { World } from './harness/world.ts'

const logForm = z.looseObject({ events: z.array(z.looseObject({})) })

it('there is a fixture of this version: `node e2e/fixtures/make-fixture.ts` makes it', () => expect(listFixtures()).toContain(readVersion()))

/** What a version left on disks, with a landing that was killed between two repos, and what it answered itself. */
describe.each(listFixtures())('what version %s left', (version) => {
  let world: World
  let manifest: Manifest
  let recorded: Readonly<Record<string, unknown>>
  let logs: Readonly<Record<string, string>>
  let runs: readonly string[]
  let half: readonly { readonly repo: string; readonly source: string; readonly from: string; readonly to: string; readonly step: string }[]
  let now: Readonly<Record<string, unknown>>
  /** Of every run but the one that is settled now. */
  const readLogs = () => Object.fromEntries(runs.map((run) => [run, readFileSync(join(stateFolderOf(world), 'runs', run, 'events.jsonl'), 'utf8')]))

  beforeAll(async () => {
    manifest = readManifest(version)
    recorded = readAnswers(version)
    world = await placeFixture(version)
    half = JSON.parse(readFileSync(join(stateFolderOf(world), 'journals', `${manifest.killed}.json`), 'utf8')).repos
    runs = Object.keys(recorded).flatMap((question) => (question.startsWith('show ') && !question.endsWith(manifest.killed) ? [question.slice(5)] : []))
    logs = readLogs()
    now = await askFixture(world)
  })
  afterAll(() => world.close())

  it('answers what it did of the records', () => {
    const questions = Object.keys(recorded).filter((one) => /^(\w+ list|runs|forecast|search .*)$/.test(one))
    expect(questions.length).toBeGreaterThan(7)
    for (const one of questions) expect(now[one], one).toMatchObject(recorded[one] as object)
  })

  it.each(['show', 'gate'])('answers %s of every run as it did', (question) => {
    const questions = Object.keys(recorded).filter((one) => one.startsWith(`${question} `))
    expect(questions.length).toBeGreaterThan(9)
    for (const one of questions) expect(now[one], one).toMatchObject(recorded[one] as object)
  })

  it('shows the diff of every round byte for byte', () => {
    const questions = Object.keys(recorded).filter((one) => one.startsWith('diff '))
    expect(questions.length).toBeGreaterThan(9)
    for (const one of questions) expect(now[one], one).toBe(recorded[one])
  })

  it('finishes the landing that was killed half-way', async () => {
    expect(new Set(half.map(({ step }) => step)).size, 'it was half-way').toBe(2)
    expect(half.map(({ source }) => git(source, 'rev-parse', 'main'))).toEqual(half.map(({ to }) => to))
    for (const { source } of half) expect(git(source, 'status', '--porcelain')).toBe('')
    const { merge } = await world.ask(runForm, ['show', manifest.killed])
    expect(merge).toMatchObject({ state: 'merged', repos: half.map(({ repo, from, to }) => ({ repo, from, to })) })
  })

  it('shows every event as it was written, and writes none of them anew', async () => {
    expect(runs.length).toBeGreaterThan(9)
    for (const run of runs) {
      const lines = logs[run]?.trimEnd().split('\n').map((line): unknown => JSON.parse(line))
      expect((await world.ask(logForm, ['log', run])).events, run).toEqual(lines)
    }
    expect(readLogs()).toEqual(logs)
  })

  it('goes on: what was approved then lands now', async () => {
    const approved = Object.entries(recorded).flatMap(([question, answer]) => (question.startsWith('gate ') && (answer as { verdict: string }).verdict === 'mergeable' ? [question.slice(5)] : []))
    expect(approved.length).toBeGreaterThan(0)
    for (const run of approved) expect(await world.ask(mergeForm, ['merge', run])).toMatchObject({ state: 'merged' })
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
  })

  it('goes on: what is done in its workspaces is saved whole, the commits of its agents too', async () => {
    const shown = await Promise.all(runs.map((id) => world.ask(runForm, ['show', id])))
    const open = shown.filter(({ workspace, merge }) => workspace !== null && merge.state !== 'merged')
    for (const { id, repos, workspace } of open) {
      for (const { repo } of repos) writeFiles(join(workspace ?? '', repo), { 'later.txt': 'later\n' })
      const { snapshots } = await world.ask(runForm, ['seal', id])
      expect(snapshots.at(-1), id).toMatchObject({ complete: true, repos: repos.map(({ repo }) => ({ repo, missing: [] })) })
    }
  })
})
