import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, fingerprints, type Fingerprints } from './harness/compare.ts'
import { mergeForm, type RunValue } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('the loop on a clone of this project', () => {
  let world: World
  let source: string
  let before: Fingerprints
  let ran: RunValue

  beforeAll(async () => {
    world = await createWorld()
    source = join(world.dir, 'signalbox')
    git(world.dir, 'clone', '--quiet', '--no-local', root, source)
    git(source, 'switch', '--quiet', '--force-create', 'main')
    git(source, 'config', 'user.name', 'Human')
    git(source, 'config', 'user.email', 'human@example.com')
    before = fingerprints([source])
    await addRepo(world, 'signalbox', source, 'said=grep -q checked README.md')
    await newTask(world, 'Say that it was checked', '--repo', 'signalbox')
    ran = await runScript(world, 'T0001', 'pwd; test -f README.md; echo checked >> README.md')
  })
  afterAll(() => world.close())

  it('changes one file in a checkout of the whole project', () => {
    expect(ran).toMatchObject({ outcome: 'completed', receipts: [{ exitCode: 0 }], snapshots: [{ complete: true, repos: [{ files: 1, insertions: 1, deletions: 0 }] }] })
    expect(fingerprints([source])).toEqual(before)
  })

  it('lands that file and nothing else', async () => {
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(git(source, 'rev-parse', 'main^{tree}')).toBe(ran.snapshots[0]?.repos[0]?.tree)
    expect(git(source, 'diff', '--name-only', 'main^', 'main')).toBe('README.md')
    expect(differences(before[source] ?? {}, fingerprints([source])[source] ?? {}).filter((name) => !name.startsWith('.git/'))).toEqual(['README.md', 'refs/heads/main'])
  })
})
