import { join } from 'node:path'
import { commitAll, git, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mergeForm, repoForm, runForm, type RunValue } from './harness/contract.ts'
import { shapeNamed } from './harness/real-shapes.ts'
import { createWorld, newTask, runScript, type World } from './harness/world.ts'

/** Files of the largest one: `npm run test:real` makes more than every other test run waits for. */
const files = Number(process.env['SIGNALBOX_FILES'] ?? 3_000)
/** Checkouts of repositories that somebody has, to go through the same. */
const given = (process.env['SIGNALBOX_REPOSITORIES'] ?? '').split(',').filter((path) => path !== '')

describe.each([`${files} files`, 'a submodule and pointers of Git LFS', 'odd names and other line ends', ...given])('a repository with %s, from the run to the undo', (name) => {
  const shape = shapeNamed(name)
  let world: World
  /** The human's repository, and a copy in which the same is done by plain git. */
  let source: string
  let control: string
  let ran: RunValue

  const treeOf = (value: RunValue): string | undefined => value.snapshots.at(-1)?.repos[0]?.tree
  /** Both checkouts hold the same files, byte for byte, and git finds both clean. */
  const expectSameFiles = (): void => {
    expect(run(world.dir, 'diff', ['--recursive', '--brief', '--no-dereference', '--exclude=.git', source, control], { okExits: [0, 1] })).toBe('')
    expect([git(source, 'status', '--porcelain'), git(control, 'status', '--porcelain')]).toEqual(['', ''])
  }

  beforeAll(async () => {
    world = await createWorld()
    source = join(world.dir, 'source')
    control = join(world.dir, 'control')
    shape.make(source)
    run(world.dir, 'cp', ['-a', source, control])
    await world.ask(repoForm, ['repo', 'add', source, '--name', 'real', ...(shape.flags ?? [])])
    await newTask(world, 'Work', '--repo', 'real')
  }, 120_000)
  afterAll(() => world.close())

  it('saves what plain git would commit', async () => {
    ran = await runScript(world, 'T0001', `'${process.execPath}' '${join(import.meta.dirname, 'harness/do-work.ts')}' '${name}'`)
    git(control, 'switch', '--quiet', '--create', 'work')
    writeFiles(control, shape.work)
    commitAll(control, 'work')
    expect(ran.snapshots).toMatchObject([{ complete: true }])
    expect(treeOf(ran)).toBe(git(control, 'rev-parse', 'HEAD^{tree}'))
  }, 120_000)

  it('computes on a target that moved what a rebase gives', async () => {
    git(control, 'switch', '--quiet', 'main')
    for (const path of [source, control]) {
      shape.meanwhile(path)
      commitAll(path, 'meanwhile')
    }
    git(control, 'rebase', '--quiet', 'main', 'work')
    const refreshed = await world.ask(runForm, ['refresh', 'R0001'])
    expect(refreshed.snapshots.at(-1)).toMatchObject({ complete: true })
    expect(treeOf(refreshed)).toBe(git(control, 'rev-parse', 'work^{tree}'))
  }, 120_000)

  it('lands it: the checkout is what plain git makes of it', async () => {
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(git(source, 'rev-parse', 'main^{tree}')).toBe(git(control, 'rev-parse', 'work^{tree}'))
    expectSameFiles()
  }, 120_000)

  it('takes it back', async () => {
    const moved = git(source, 'rev-parse', 'main~1')
    await world.ask(mergeForm, ['undo', 'R0001'])
    git(control, 'switch', '--quiet', 'main')
    expect([git(source, 'rev-parse', 'main'), git(source, 'rev-parse', 'main^{tree}')]).toEqual([moved, git(control, 'rev-parse', 'main^{tree}')])
    expectSameFiles()
  }, 120_000)
})
