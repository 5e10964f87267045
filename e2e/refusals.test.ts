import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fingerprints } from './harness/compare.ts'
import { deleteTarget, emptyVault, leaveConflictMarkers, spoilTarget, stage, startMerge, startRebase } from './harness/conditions.ts'
import { checkForm, gateForm, mergeForm, runForm, taskForm, type BlockerValue } from './harness/contract.ts'
import { saveWorld } from './harness/saved-world.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

afterAll(removeTempDirs)

/** What the agent leaves in both repos; `local.env` is ignored and force-added. */
const script = `
for repo in api web; do
  (cd $repo && echo 'export const total = (a, b) => a + b' > total.js && echo 'new' > new.txt && echo 'PORT=1' > local.env && git add --force local.env)
done`

/** Both targets checked out, an approved green run of both (R0001), one nobody approved (R0002), one off its scope (R0003). */
describe('a merge is refused and no target moves', () => {
  let world: World
  let api: string
  let web: string
  let restore: () => void
  const red = (): string => join(world.dir, 'red')
  const sources = (): readonly string[] => [api, web].filter((path) => existsSync(path))

  beforeAll(async () => {
    world = await createWorld()
    const files = { '.gitignore': '*.env\n', 'total.js': 'export const total = (a, b) => a - b\n', 'kept.txt': 'kept\n' }
    api = world.source('api', files)
    web = world.source('web', files)
    await addRepo(world, 'api', api, `green=test ! -e '${red()}'`)
    await addRepo(world, 'web', web)
    const both = ['--repo', 'api', '--repo', 'web']
    await newTask(world, 'Approved', ...both)
    await newTask(world, 'Not approved', ...both)
    await newTask(world, 'Off scope', ...both, '--scope', 'api:docs/**')
    for (const task of ['T0001', 'T0002', 'T0003']) await runScript(world, task, script)
    await world.signalbox(['approve', 'R0001'])
    await world.ask(gateForm, ['gate', 'R0001'])
    restore = await saveWorld(world)
  })
  beforeEach(() => restore())
  afterAll(() => world.close())

  interface Row {
    readonly when: string
    /** Blockers in any order, `code` or `code repo`. */
    readonly blockers: readonly string[]
    readonly run?: string
    /** Brings the condition about in `api` only: `web` has nothing against it, and must not land either. */
    readonly prepare: () => unknown
    /** Paths that the data of the first blocker with paths must name. */
    readonly paths?: readonly string[]
  }

  const rows: readonly Row[] = [
    { when: 'the target has staged changes', blockers: ['target_dirty api'], paths: ['kept.txt'], prepare: () => stage(api, 'kept.txt') },
    { when: 'the target has unstaged changes', blockers: ['target_dirty api'], paths: ['kept.txt'], prepare: () => writeFiles(api, { 'kept.txt': 'mine\n' }) },
    { when: 'the target has untracked files', blockers: ['target_dirty api'], paths: ['mine.txt'], prepare: () => writeFiles(api, { 'mine.txt': 'mine\n' }) },
    { when: 'the change would overwrite an ignored file', blockers: ['target_dirty api'], paths: ['local.env'], prepare: () => writeFiles(api, { 'local.env': 'PASSWORD=mine\n' }) },
    { when: 'the target moved after the approval', blockers: ['target_moved api', 'approval_stale'], prepare: () => humanCommits(api, 'later.txt', 'later\n') },
    { when: 'the target is in the middle of a merge', blockers: ['target_busy api'], prepare: () => startMerge(api) },
    { when: 'the target is in the middle of a rebase', blockers: ['target_busy api'], prepare: () => startRebase(api) },
    { when: 'the target is in the middle of a bisection', blockers: ['target_busy api'], prepare: () => git(api, 'bisect', 'start') },
    { when: 'another git holds the index of the target', blockers: ['target_busy api'], prepare: () => writeFiles(api, { '.git/index.lock': '' }) },
    { when: 'the target branch was deleted', blockers: ['target_missing api', 'approval_stale'], prepare: () => deleteTarget(api) },
    { when: 'the repository was moved away', blockers: ['repo_unreachable api'], prepare: () => renameSync(api, `${api}-away`) },
    { when: 'objects of the saved diff are gone', blockers: ['snapshot_missing api'], prepare: () => emptyVault(world.state, 'api') },
    { when: 'a check turned red', blockers: ['checks_failed api', 'approval_stale'], prepare: () => turnRed() },
    { when: 'a check was added since', blockers: ['checks_missing api'], prepare: () => addCheck() },
    { when: 'nobody approved it', run: 'R0002', blockers: ['approval_missing'], prepare: () => {} },
    { when: 'somebody rejected it after the approval', blockers: ['approval_missing'], prepare: () => world.ask(runForm, ['reject', 'R0001', '--because', 'not like this']) },
    { when: 'the approval is for an older round', blockers: ['approval_stale'], prepare: () => sealLaterWork() },
    { when: 'the workspace changed since the round was sealed', blockers: ['snapshot_stale api'], paths: ['later.txt'], prepare: () => workLater() },
    { when: 'the run is still going', run: 'R0004', blockers: ['run_active', 'snapshot_missing'], prepare: () => startEndlessRun() },
    { when: 'the task means another branch by now', blockers: ['metadata_stale', 'metadata_stale', 'approval_stale'], prepare: () => meanAnotherBranch() },
    { when: 'the task file has conflict markers', blockers: ['facts_unavailable'], prepare: () => leaveConflictMarkers(join(world.memory, 'tasks', 'T0001-approved.md')) },
    { when: 'the settings cannot be read', blockers: ['facts_unavailable', 'facts_unavailable'], prepare: () => leaveConflictMarkers(join(world.memory, 'signalbox.yaml')) },
    { when: 'the change leaves the scope of the task', run: 'R0003', blockers: ['scope_exceeded api', 'approval_missing'], paths: ['local.env', 'new.txt', 'total.js'], prepare: () => {} },
    {
      when: 'everything is wrong at once, each reason named',
      blockers: ['target_dirty api', 'target_moved api', 'target_busy api', 'target_dirty web', 'snapshot_stale api', 'approval_stale'],
      prepare: async () => {
        spoilTarget(api)
        writeFiles(web, { 'mine.txt': 'mine\n' })
        await workLater()
      },
    },
  ]

  async function turnRed(): Promise<void> {
    writeFileSync(red(), '')
    await world.ask(checkForm, ['check', 'R0001'], 4)
  }

  function addCheck(): void {
    const settings = join(world.memory, 'signalbox.yaml')
    const before = readFileSync(settings, 'utf8')
    writeFileSync(settings, before.replace('{green:', '{second: "true", green:'))
    expect(readFileSync(settings, 'utf8')).not.toBe(before)
  }

  /** Work in the agent's workspace that nobody reviewed. */
  async function workLater(): Promise<void> {
    const { workspace } = await world.ask(runForm, ['show', 'R0001'])
    writeFiles(join(workspace ?? '', 'api'), { 'later.txt': 'later\n' })
  }

  async function sealLaterWork(): Promise<void> {
    await workLater()
    expect((await world.ask(runForm, ['seal', 'R0001'])).snapshots.map(({ id }) => id)).toEqual(['R0001.s1', 'R0001.s2'])
  }

  async function startEndlessRun(): Promise<void> {
    const task = await newTask(world, 'Endless', '--repo', 'api')
    await world.ask(runForm, ['run', task, '--detach', '--agent', 'shell', '--json', '--', 'sh', '-c', 'while :; do sleep 0.1; done'])
  }

  async function meanAnotherBranch(): Promise<void> {
    for (const repo of [api, web]) git(repo, 'branch', 'release')
    await world.ask(taskForm, ['task', 'edit', 'T0001', '--base-branch', 'release'])
  }

  it.each(rows)('when $when', async ({ run: id = 'R0001', blockers, prepare, paths }) => {
    await prepare()
    const before = fingerprints(sources())
    const refusal = await world.refused('merge', id)
    const listed = refusal.blockers ?? []
    expect(refusal.error).toMatchObject({ code: 'gate.blocked', message: expect.stringMatching(/\w+ \w+ \w+/), hint: expect.stringMatching(/\w+ \w+/) })
    expect(listed.map(nameOf).toSorted()).toEqual(blockers.toSorted())
    for (const { message, remedy } of listed) {
      expect(message).toMatch(/^\S+ .*\S+ \S+/)
      expect(remedy.sentence).toMatch(/^[A-Z]\S* \S+/)
    }
    if (paths !== undefined) expect(listed[0]?.data).toMatchObject({ paths })
    expect(fingerprints(sources())).toEqual(before)
    if (id === 'R0004') await world.ask(runForm, ['cancel', 'R0004'])
  })

  it('gives the same reasons when asked before', async () => {
    spoilTarget(api)
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect((await world.refused('merge', 'R0001')).blockers).toEqual(blockers)
  })

  it('says the reasons as sentences with a command to type next to a person', async () => {
    writeFiles(api, { 'mine.txt': 'mine\n' })
    const { exit, stdout, stderr } = await world.signalbox(['merge', 'R0001'])
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: '' })
    expect(stderr).toContain('target_dirty')
    expect(stderr).toContain('mine.txt')
    expect(stderr).toContain(`git -C ${api} stash -u`)
  })

  it('lands once the human followed the remedy', async () => {
    writeFiles(api, { 'mine.txt': 'mine\n', 'kept.txt': 'mine\n' })
    await world.refused('merge', 'R0001')
    git(api, 'stash', '--quiet', '--include-untracked')
    await world.ask(mergeForm, ['merge', 'R0001'])
    git(api, 'stash', 'pop', '--quiet')
    expect(readFileSync(join(api, 'mine.txt'), 'utf8')).toBe('mine\n')
    expect(readFileSync(join(api, 'kept.txt'), 'utf8')).toBe('mine\n')
  })

  describe('with policy.untracked: colliding', () => {
    beforeEach(() => writeFileSync(join(world.memory, 'signalbox.yaml'), `${readFileSync(join(world.memory, 'signalbox.yaml'), 'utf8')}policy:\n  untracked: colliding\n`))

    it('lands beside untracked files that are not in the way and leaves them alone', async () => {
      writeFiles(api, { 'mine.txt': 'mine\n' })
      await world.ask(mergeForm, ['merge', 'R0001'])
      expect(readFileSync(join(api, 'mine.txt'), 'utf8')).toBe('mine\n')
    })

    it('refuses where an untracked file is in the way', async () => {
      writeFiles(api, { 'new.txt': 'mine\n' })
      const before = fingerprints(sources())
      expect((await world.refused('merge', 'R0001')).blockers).toMatchObject([{ code: 'target_dirty', repo: 'api', data: { paths: ['new.txt'] } }])
      expect(fingerprints(sources())).toEqual(before)
    })
  })
})

function nameOf({ code, repo }: BlockerValue): string {
  return repo === undefined ? code : `${code} ${repo}`
}
