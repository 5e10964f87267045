import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createTempDir, run } from '@signalbox/testkit'
import * as z from 'zod'
import { initForm } from './contract.ts'
import { stateFolderOf } from './state-folder.ts'
import { openWorld, type World } from './world.ts'

/** Where the worlds of released versions lie, a folder each. */
export const fixturesFolder = join(import.meta.dirname, '../fixtures')

const named = { archive: 'world.tgz', manifest: 'fixture.json', answers: 'answers.json' } as const

/** What a fixture says of itself. */
const manifestSchema = z.object({
  /** Version of the program that made it. */
  version: z.string(),
  /** Files that hold absolute paths: these alone are written when a fixture is placed, and there only the two places below. */
  places: z.array(z.string()),
  /** The run whose landing was killed half-way. */
  killed: z.string(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Stand for where the world lay, and for its state folder, whose name is made of where its memory repo lies. */
const places = { root: '@WORLD@', state: '@STATE@' } as const

/** Version of the program as it is built now. */
export function readVersion(): string {
  return z.looseObject({ version: z.string() }).parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../apps/cli/package.json'), 'utf8'))).version
}

/** Versions that there is a fixture of; behind the dash of one that was never released stands the commit it was built of. */
export function listFixtures(): readonly string[] {
  return readdirSync(fixturesFolder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted()
}

export function readManifest(version: string): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(join(fixturesFolder, version, named.manifest), 'utf8')))
}

export function readAnswers(version: string): Readonly<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(join(fixturesFolder, version, named.answers), 'utf8')))
}

export function writeAnswers(version: string, answers: Readonly<Record<string, unknown>>): void {
  const lines = Object.entries(answers).map(([question, answer]) => `${JSON.stringify(question)}: ${JSON.stringify(answer)}`)
  writeFileSync(join(fixturesFolder, version, named.answers), `{\n${lines.join(',\n')}\n}\n`)
}

/** Left out: what is made anew from the rest, and locks of ours, which hold nothing. */
const spare = ['index.sqlite*', 'state.lock*', 'checks.lock*', 'runs/*/log.lock*', 'runs/*/supervisor.log', 'index.lock*', 'vaults/*/signalbox', 'checks', 'check-indexes', 'tmp', 'git-work', 'trash']

/** Packs a world in which nothing runs as the fixture of a version, and takes it away. */
export function packFixture(world: World, { version, killed }: Omit<Manifest, 'places'>): void {
  const folder = join(fixturesFolder, version)
  mkdirSync(folder, { recursive: true })
  const state = stateFolderOf(world)
  run(state, 'sh', ['-c', `rm -rf -- ${spare.join(' ')}`])
  // Only to be small: samples of hooks, and an object a file where a pack will do.
  run(world.dir, 'sh', ['-c', 'rm -f -- */.git/hooks/*.sample; git -C memory repack -adfq --depth=50 --window=250; git -C memory prune'])
  renameSync(state, join(world.state, 'memory'))
  const found = run(world.dir, 'sh', ['-c', 'grep -rlIF -- "$1" . || test $? -eq 1', 'sh', world.dir])
  const holders = found.split('\n').filter((path) => path !== '').map((path) => path.slice(2)).toSorted()
  replaceIn(world.dir, holders, [[state, places.state], [world.dir, places.root]])
  run(world.dir, 'sh', ['-c', 'tar --sort=name --owner=0 --group=0 --numeric-owner -cf - . | gzip -9n > "$1"', 'sh', join(folder, named.archive)])
  writeFileSync(join(folder, named.manifest), `${JSON.stringify({ version, killed, places: holders } satisfies Manifest, null, 1)}\n`)
  rmSync(world.dir, { recursive: true })
}

/**
 * Places a fixture in a temp folder, as if its human had always worked there: the state folder gets the name that belongs
 * to the place, and the files that hold absolute paths get those of here. Every other byte is as it was.
 */
export async function placeFixture(version: string): Promise<World> {
  const dir = createTempDir('e2e-fixture')
  run(dir, 'tar', ['-xzf', join(fixturesFolder, version, named.archive)])
  const world = openWorld(dir)
  const kept = join(dir, 'kept')
  renameSync(world.state, kept)
  await world.ask(initForm, ['init', world.memory])
  const state = stateFolderOf(world)
  rmSync(world.state, { recursive: true })
  renameSync(kept, world.state)
  renameSync(join(world.state, 'memory'), state)
  const files = readManifest(version).places.map((path) => path.replace(/^state\/memory\//, `state/${basename(state)}/`))
  replaceIn(dir, files, [[places.state, state], [places.root, dir]])
  return world
}

function replaceIn(dir: string, files: readonly string[], pairs: readonly (readonly [from: string, to: string])[]): void {
  for (const file of files) {
    const text = readFileSync(join(dir, file), 'latin1')
    writeFileSync(join(dir, file), pairs.reduce((now, [from, to]) => now.replaceAll(from, to), text), 'latin1')
  }
}

/** Commands whose answers stay the same as long as nothing is changed; `RUN` stands for each run. */
const reads = ['task list', 'runs', 'repo list', 'effort list', 'decision list', 'note list', 'handoff list', 'forecast', 'search keep', 'show RUN', 'gate RUN']

/** Sentences are made for people and may be said better one day; what they are about is beside them. */
const sentences = ['message', 'because', 'remedy', 'exits', 'promise', 'snippet', 'newer']

/** Asks a placed fixture everything; answers as they are wherever and whenever it is asked. */
export async function askFixture(world: World): Promise<Readonly<Record<string, unknown>>> {
  // The first command of all settles what the kill left.
  const { runs } = z.looseObject({ runs: z.array(z.looseObject({ id: z.string() })) }).parse(await ask(world, 'runs'))
  const questions = reads.flatMap((read) => (read.includes('RUN') ? runs.map(({ id }) => read.replace('RUN', id)) : [read]))
  const answers: Record<string, unknown> = {}
  for (const question of questions) answers[question] = withoutSentences(await ask(world, question))
  for (const snapshot of await listSnapshots(world, runs.map(({ id }) => id))) answers[`diff ${snapshot}`] = (await world.call(['diff', snapshot])).stdout
  return JSON.parse(JSON.stringify(answers).replaceAll(stateFolderOf(world), places.state).replaceAll(world.dir, places.root))
}

async function ask(world: World, question: string): Promise<unknown> {
  const { stdout, exit, stderr } = await world.call([...question.split(' '), '--json'])
  if (exit !== 0 && exit !== 4) throw new Error(`${question} exited ${exit}: ${stdout}${stderr}`)
  return JSON.parse(stdout)
}

async function listSnapshots(world: World, runs: readonly string[]): Promise<readonly string[]> {
  const form = z.looseObject({ snapshots: z.array(z.looseObject({ id: z.string() })) })
  const shown = await Promise.all(runs.map(async (id) => form.parse(await ask(world, `show ${id}`))))
  return shown.flatMap(({ snapshots }) => snapshots.map(({ id }) => id))
}

function withoutSentences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSentences)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (sentences.includes(key) ? [] : [[key, withoutSentences(item)]])))
}
