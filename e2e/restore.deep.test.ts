import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createCall } from './harness/api-call.ts'
import { savedRunForm } from './harness/checkpoints.ts'
import { diffForm, failureForm, gateForm, mergeForm } from './harness/contract.ts'
import { readRecordedEvents } from './harness/record.ts'
import { serveWorld } from './harness/served-world.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const restoredForm = z.looseObject({ format: z.literal(1), snapshot: z.string(), folder: z.string(), repos: z.array(z.looseObject({ repo: z.string(), path: z.string(), missing: z.array(z.looseObject({})) })) })

/** Lists what lies in a folder, `.git` left out, by the bytes of its names: kind, whether it may be run, content. */
function listBytes(folder: Buffer, below = ''): readonly string[] {
  return readdirSync(folder, { encoding: 'buffer' })
    .flatMap((name) => {
      const path = Buffer.concat([folder, Buffer.from('/'), name])
      const shown = `${below}${name.toString('latin1')}`
      const kind = lstatSync(path)
      if (name.toString() === '.git') return []
      if (kind.isDirectory()) return listBytes(path, `${shown}/`)
      if (kind.isSymbolicLink()) return [`${shown} -> ${readlinkSync(path, 'buffer').toString('latin1')}`]
      return [`${shown} ${(kind.mode & 0o100) === 0 ? '' : 'x '}${readFileSync(path).toString('latin1')}`]
    })
    .toSorted()
}

/** What is hard to write again byte for byte, left in two repos; an ignored file is tracked. */
const oddities = `cd api
printf 'a\\r\\nb' > 'line
break'; printf 1 > -dash; printf 2 > ' space '; printf 3 > "$(printf '\\377\\376')"; printf '\\000\\001' > bin; : > empty
mkdir -p deep/er; printf 'run' > deep/er/tool; chmod +x deep/er/tool; ln -s ../../outside link; ln -s nowhere dead
printf kept > kept.log; git add -f kept.log; rm gone.txt
cd ../web; printf 'later\\n' >> page.txt`

let world: World
beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n', 'gone.txt': 'g\n', '.gitignore': '*.log\n' }))
  await addRepo(world, 'web', world.source('web', { 'page.txt': 'page\n' }))
  const task = await newTask(world, 'Leave oddities', '--repo', 'api', '--repo', 'web')
  await runScript(world, task, oddities)
  await newTask(world, 'Another', '--repo', 'api')
})
afterAll(() => world.close())

const bytesOf = (folder: string): readonly string[] => listBytes(Buffer.from(folder))
const workspaceOf = (run: string): string => join(stateFolderOf(world), 'workspaces', run)

describe('a snapshot written to a folder', () => {
  it.each<readonly [string, string, (folder: string) => void]>([
    ['that is not there yet', 'new', () => {}],
    ['that is empty', 'empty', (folder) => mkdirSync(folder, { mode: 0o700 })],
    ['with a name as long as may be', 'x'.repeat(255), () => {}],
  ])('%s holds every byte of all repos, and nothing is left beside it', async (_, name, prepare) => {
    const folder = join(world.dir, name)
    prepare(folder)
    const around = readdirSync(world.dir)
    const before = lstatSync(folder, { throwIfNoEntry: false })
    const restored = await world.ask(restoredForm, ['restore', 'R0001', folder])
    expect(restored).toMatchObject({ snapshot: 'R0001.s1', folder, repos: [{ repo: 'api', path: join(folder, 'api'), missing: [] }, { repo: 'web' }] })
    expect(bytesOf(folder)).toEqual(bytesOf(workspaceOf('R0001')))
    expect(bytesOf(folder)).toHaveLength(13)
    expect(readdirSync(folder).toSorted()).toEqual(['api', 'web'])
    // Whoever stands in it sees the files, and whom it was closed to it still is.
    if (before !== undefined) expect(lstatSync(folder)).toMatchObject({ ino: before.ino, mode: before.mode })
    expect(readdirSync(world.dir)).toEqual([...new Set([...around, name])].toSorted())
  })

  it('is refused wherever something lies already, or belongs to us, and nothing is touched', async () => {
    const place = (name: string): string => join(world.dir, name)
    writeFiles(world.dir, { 'full/mine.txt': 'mine\n', 'file.txt': 'mine\n' })
    mkdirSync(place('hollow'))
    symlinkSync(place('hollow'), place('link'))
    symlinkSync(stateFolderOf(world), place('way-in'))
    const rows: readonly (readonly [string, number, string])[] = [
      [place('full'), 4, 'folder.taken'],
      [place('file.txt'), 4, 'folder.taken'],
      [place('link'), 4, 'folder.taken'],
      [place('x'.repeat(256)), 5, 'disk.unwritable'],
      [place('none/there'), 2, 'input.invalid'],
      [place('file.txt/there'), 2, 'input.invalid'],
      [join(workspaceOf('R0001'), 'x'), 2, 'input.invalid'],
      [place('way-in/x'), 2, 'input.invalid'],
      [join(world.memory, 'x'), 2, 'input.invalid'],
    ]
    const before = bytesOf(world.dir)
    for (const [folder, exit, code] of rows) expect((await world.ask(failureForm, ['restore', 'R0001', folder], exit)).error.code, folder).toBe(code)
    expect((await world.ask(failureForm, ['restore', 'R0001.s9', place('x')], 3)).error.code).toBe('snapshot.not_found')
    expect(bytesOf(world.dir)).toEqual(before)
    expect(existsSync(place('x'))).toBe(false)
  })

  it('cannot be asked for over the network: a page must not name folders of this machine', async () => {
    const server = await serveWorld(world)
    try {
      const call = await createCall(world, server.url)
      const folder = join(world.dir, 'by-network')
      await expect(call('POST', '/api/runs/R0001/restore', { folder })).rejects.toThrow(/403.*access\.denied/)
      expect(existsSync(folder)).toBe(false)
    } finally {
      await server.stop()
    }
  })
})

describe('a run that begins with a snapshot', () => {
  const from = (task: string, snapshot: string, script: string, ...flags: readonly string[]) => world.ask(savedRunForm, ['run', task, '--agent', 'shell', '--from', snapshot, ...flags, '--json', '--', 'sh', '-c', `set -e\n${script}`])

  it('has exactly its files, on its base, though the branch went on; the earlier work is part of what it changes, and lands with it', async () => {
    const before = await world.ask(savedRunForm, ['show', 'R0001'])
    writeFileSync(join(world.dir, 'api', 'meanwhile.txt'), 'by a human\n')
    commitAll(join(world.dir, 'api'), 'meanwhile')
    const same = await from('T0001', 'R0001.s1', 'git -C api status --porcelain > status; git -C api fsck --no-dangling; rm status')
    expect(bytesOf(workspaceOf(same.id))).toEqual(bytesOf(workspaceOf('R0001')))
    expect(same).toMatchObject({ from: 'R0001.s1', outcome: 'completed', repos: before.repos.map(({ repo, baseHead }) => ({ repo, baseHead })) })
    expect(same.snapshots[0]?.digest).toBe(before.snapshots[0]?.digest)
    const started = readRecordedEvents(world, same.id).find(({ type }) => type === 'run.started')
    expect(started?.data).toMatchObject({ from: 'R0001.s1' })
    expect((await world.call(['show', same.id])).stdout).toMatch(/Began with +the files of R0001\.s1\n/)

    const more = await from('T0001', `${same.id}.s1`, 'echo more > api/more.txt')
    const { repos } = await world.ask(diffForm, ['diff', more.id])
    expect(repos.map(({ repo, files }) => [repo, files.map(({ path }) => path).includes('more.txt'), files.length])).toEqual([['api', true, 12], ['web', false, 1]])
    expect((await world.ask(gateForm, ['gate', more.id], 4)).blockers.map(({ code, repo }) => [code, repo])).toEqual([['target_moved', 'api'], ['approval_missing', undefined]])
    await world.ask(savedRunForm, ['refresh', more.id])
    await world.ask(mergeForm, ['merge', more.id, '--approve'])
    expect(git(join(world.dir, 'api'), 'show', 'main:kept.log')).toBe('kept')
    expect(git(join(world.dir, 'api'), 'show', 'main:meanwhile.txt')).toBe('by a human')
    expect(readFileSync(join(world.dir, 'web', 'page.txt'), 'utf8')).toBe('page\nlater\n')
  })

  it.each<readonly [string, string, string, number, string]>([
    ['of another task', 'T0002', 'R0001.s1', 2, 'input.invalid'],
    ['that there is not', 'T0001', 'R0001.s7', 3, 'snapshot.not_found'],
    ['of a run that there is not', 'T0001', 'R0999.s1', 3, 'run.not_found'],
    ['that is none', 'T0001', 'R0001', 2, 'input.invalid'],
  ])('%s is refused', async (_, task, snapshot, exit, code) => {
    const { length } = readdirSync(join(world.memory, 'runs'))
    await world.call(['task', 'edit', 'T0001', '--status', 'ready'])
    expect((await world.ask(failureForm, ['run', task, '--agent', 'shell', '--from', snapshot, '--json', '--', 'true'], exit)).error.code).toBe(code)
    expect(readdirSync(join(world.memory, 'runs'))).toHaveLength(length)
  })
})
