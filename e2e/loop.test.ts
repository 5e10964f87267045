import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { git, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, fingerprints, type Fingerprints } from './harness/compare.ts'
import {
  alreadyMergedForm,
  approvalForm,
  checkForm,
  contextForm,
  diffForm,
  gateForm,
  handoffForm,
  mergeForm,
  repoForm,
  runForm,
  searchForm,
  taskForm,
  taskListForm,
  type RunValue,
} from './harness/contract.ts'
import { findFiles } from './harness/find-files.ts'
import { agentScript, createShop, expectedTrees, type Shop } from './harness/shop.ts'
import { createWorld, runScript, type World } from './harness/world.ts'

/** What a landing moves in a checkout that has the target; everything else must stay as it was. */
const landedInApi = [
  '.git/index',
  '.git/logs/HEAD',
  '.git/logs/refs/heads/main',
  'LIESMICH',
  'README.md',
  'build/dist.js',
  'check.sh',
  'größe.txt',
  'logo.bin',
  'my notes.txt',
  'refs/heads/main',
  'src/gone.js',
  'src/old.js',
  'src/tax.js',
  'src/total.js',
]

describe('the whole loop on two repositories', () => {
  let world: World
  let shop: Shop
  let trees: Readonly<Record<'api' | 'web', string>>
  let bases: Readonly<Record<'api' | 'web', string>>
  let before: Fingerprints
  let ran: RunValue
  const mainOf = (repo: string): string => git(repo, 'rev-parse', 'refs/heads/main')
  const landedTree = (repo: string): string => git(repo, 'rev-parse', 'refs/heads/main^{tree}')

  beforeAll(async () => {
    world = await createWorld()
    shop = createShop(world)
    trees = expectedTrees(world, shop)
    bases = { api: mainOf(shop.api), web: mainOf(shop.web) }
    before = fingerprints([shop.api, shop.apiFeature, shop.web])
  })
  afterAll(() => world.close())

  it('registers repositories without touching them', async () => {
    const api = await world.ask(repoForm, ['repo', 'add', shop.api, '--name', 'api', '--check', 'adds=grep -q "a + b" src/total.js'])
    expect(api).toMatchObject({ name: 'api', path: shop.api, baseBranch: 'main', checks: { adds: 'grep -q "a + b" src/total.js' } })
    const web = await world.ask(repoForm, ['repo', 'add', shop.web, '--name', 'web', '--base-branch', 'main', '--check', 'beside=test -f ../api/src/tax.js'])
    expect(web).toMatchObject({ name: 'web', path: shop.web, baseBranch: 'main' })
    expect(fingerprints([shop.api, shop.apiFeature, shop.web])).toEqual(before)
  })

  it('writes a task as a file that names what is meant', async () => {
    const task = await world.ask(taskForm, ['task', 'new', 'Add, do not subtract', '--repo', 'api', '--repo', 'web', '--body', 'The total is wrong.\n\n## Acceptance\n- [ ] Totals add up\n'])
    expect(task).toMatchObject({ id: 'T0001', title: 'Add, do not subtract', status: 'ready', repos: ['api', 'web'], baseBranch: 'main', path: 'tasks/T0001-add-do-not-subtract.md' })
  })

  it('assembles a packet that says "none found" where there is nothing', async () => {
    const packet = await world.ask(contextForm, ['context', 'T0001'])
    const empty = new Map(packet.sections.map((section) => [section.name, section.empty]))
    expect([...empty.keys()]).toEqual(['task', 'effort', 'targets', 'acceptance', 'decisions', 'notes', 'handoffs', 'related', 'constraints', 'findings'])
    expect(Object.fromEntries(empty)).toMatchObject({ task: false, targets: false, acceptance: false, effort: true, decisions: true, notes: true, handoffs: true, related: true })
    const text = await world.call(['context', 'T0001', '--markdown'])
    expect(text.stdout.match(/none found/gi)?.length).toBe(packet.sections.filter((section) => section.empty).length)
  })

  it('runs an agent in checkouts of its own and saves all its work', async () => {
    ran = await runScript(world, 'T0001', agentScript)
    expect(ran).toMatchObject({
      id: 'R0001',
      task: 'T0001',
      agent: 'shell',
      state: 'ended',
      outcome: 'completed',
      isolation: 'private',
      repos: [
        { repo: 'api', baseBranch: 'main', baseHead: bases.api, source: { branch: 'main', dirty: false, paths: [] } },
        { repo: 'web', baseBranch: 'main', baseHead: bases.web, source: { branch: 'topic', dirty: true, paths: ['staged.txt', 'index.html', 'draft.txt'] } },
      ],
      snapshots: [
        {
          id: 'R0001.s1',
          kind: 'round',
          complete: true,
          repos: [
            { repo: 'api', base: bases.api, tree: trees.api },
            { repo: 'web', base: bases.web, tree: trees.web, files: 1, insertions: 1, deletions: 0 },
          ],
        },
      ],
      handoff: 'H0001',
      merge: { state: 'approvable' },
    })
    expect(await world.ask(runForm, ['show', 'R0001'])).toEqual(ran)
    expect(fingerprints([shop.api, shop.apiFeature, shop.web])).toEqual(before)
  })

  it('saves the packet the agent got, and the handoff it left', async () => {
    const packet = run(world.memory, 'git', ['show', 'HEAD:runs/R0001/packet.md'])
    expect(packet).toContain('The total is wrong.')
    const handoff = await world.ask(handoffForm, ['handoff', 'show', 'H0001'])
    expect(handoff).toMatchObject({ id: 'H0001', task: 'T0001', run: 'R0001', blocker: null })
    expect(handoff.evidence.changed.map((change) => change.repo)).toEqual(['api', 'web'])
    expect(handoff.evidence.validation.map((line) => line.kind)).toEqual(['fact', 'fact'])
  })

  it('gives patches that plain git applies to exactly the saved trees', async () => {
    const value = await world.ask(diffForm, ['diff', 'R0001'])
    for (const repo of ['api', 'web'] as const) {
      const text = await world.call(['diff', 'R0001.s1', '--repo', repo])
      expect(value.repos.find((one) => one.repo === repo)?.patch).toBe(text.stdout)
      const clone = join(world.dir, `patched-${repo}`)
      git(world.dir, 'clone', '--quiet', '--branch', 'main', shop[repo], clone)
      run(clone, 'git', ['apply', '--index', '-'], { input: text.stdout })
      expect(git(clone, 'write-tree')).toBe(trees[repo])
    }
  })

  it('holds a receipt for each check on exactly these trees', async () => {
    const receipt = { exitCode: 0, durationMs: expect.any(Number) }
    const green = [
      { ...receipt, repo: 'api', name: 'adds', command: 'grep -q "a + b" src/total.js', tree: trees.api },
      { ...receipt, repo: 'web', name: 'beside', command: 'test -f ../api/src/tax.js', tree: trees.web },
    ]
    expect(ran.receipts).toMatchObject(green)
    expect((await world.ask(checkForm, ['check', 'R0001'])).receipts).toMatchObject(green)
  })

  it('refuses to land what nobody approved, and lands nothing', async () => {
    const gate = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(gate).toMatchObject({ verdict: 'blocked', digest: ran.snapshots[0]?.digest, blockers: [{ code: 'approval_missing' }] })
    expect((await world.refused('merge', 'R0001')).error.code).toBe('gate.blocked')
    expect(fingerprints([shop.api, shop.apiFeature, shop.web])).toEqual(before)
  })

  it('gives the same approval to the same yes', async () => {
    const first = await world.ask(approvalForm, ['approve', 'R0001', '--snapshot', 's1'])
    expect(first.approval).toMatchObject({ snapshot: 'R0001.s1', digest: ran.snapshots[0]?.digest })
    expect(await world.ask(approvalForm, ['approve', 'R0001'])).toEqual(first)
    expect(await world.ask(gateForm, ['gate', 'R0001'])).toMatchObject({ verdict: 'mergeable', blockers: [] })
  })

  it('lands exactly the reviewed trees and touches nothing else', async () => {
    const merged = await world.ask(mergeForm, ['merge', 'R0001'])
    expect(merged).toMatchObject({ state: 'merged', repos: [{ repo: 'api', branch: 'main', from: bases.api, to: mainOf(shop.api) }, { repo: 'web', branch: 'main', from: bases.web, to: mainOf(shop.web) }] })
    expect({ api: landedTree(shop.api), web: landedTree(shop.web) }).toEqual(trees)
    expect(git(shop.api, 'status', '--porcelain')).toBe('')
    const after = fingerprints([shop.api, shop.apiFeature, shop.web])
    expect(differences(before[shop.api] ?? {}, after[shop.api] ?? {})).toEqual(landedInApi)
    expect(differences(before[shop.web] ?? {}, after[shop.web] ?? {})).toEqual(['.git/logs/refs/heads/main', 'refs/heads/main'])
    expect(differences(before[shop.apiFeature] ?? {}, after[shop.apiFeature] ?? {})).toEqual(['refs/heads/main'])
  })

  it('lands one commit that says where it comes from', () => {
    expect(git(shop.api, 'rev-list', '--parents', '-1', 'main')).toBe(`${mainOf(shop.api)} ${bases.api}`)
    expect(git(shop.api, 'log', '-1', '--format=%an <%ae>, %cn <%ce>', 'main')).toBe('Human <human@example.com>, Human <human@example.com>')
    expect(git(shop.api, 'log', '-1', '--format=%s%n%(trailers)', 'main')).toMatch(
      /^Add, do not subtract \(T0001\)\nSignalbox-Task: T0001\nSignalbox-Run: R0001\nSignalbox-Snapshot: R0001\.s1\nSignalbox-Approved-by: .+\n$/,
    )
  })

  it('closes the task and finds what was left', async () => {
    expect(await world.ask(taskForm, ['task', 'show', 'T0001'])).toMatchObject({ status: 'done' })
    expect((await world.ask(taskListForm, ['task', 'list', '--status', 'done'])).tasks.map((task) => task.id)).toEqual(['T0001'])
    const { results } = await world.ask(searchForm, ['search', 'subtract'])
    expect(results).toContainEqual(expect.objectContaining({ id: 'T0001', kind: 'task', title: 'Add, do not subtract', path: 'tasks/T0001-add-do-not-subtract.md' }))
  })

  it('answers a second merge with the result of the first', async () => {
    const again = await world.ask(alreadyMergedForm, ['merge', 'R0001'], 4)
    expect(again).toMatchObject({ error: { code: 'run.already_merged' }, state: 'merged', repos: [{ repo: 'api', to: mainOf(shop.api) }, { repo: 'web', to: mainOf(shop.web) }] })
  })

  it('answers everything the same without its index', async () => {
    const ask = async (): Promise<readonly unknown[]> => Promise.all(['show R0001', 'task list', 'search subtract', 'context T0001'].map(async (line) => (await world.call([...line.split(' '), '--json'])).stdout))
    const answers = await ask()
    for (const file of findFiles(world.state, /(^|\/)index\.sqlite[^/]*$/)) rmSync(file)
    expect(await ask()).toEqual(answers)
  })

  it('takes the landing back byte for byte', async () => {
    expect(await world.ask(mergeForm, ['undo', 'R0001'])).toMatchObject({ state: 'undone', repos: [{ repo: 'api', to: bases.api }, { repo: 'web', to: bases.web }] })
    const after = fingerprints([shop.api, shop.apiFeature, shop.web])
    // The index holds other times of files; the log of a branch tells what happened to it.
    expect(differences(before[shop.api] ?? {}, after[shop.api] ?? {}).filter((name) => name !== '.git/index')).toEqual(['.git/logs/HEAD', '.git/logs/refs/heads/main'])
    expect(differences(before[shop.web] ?? {}, after[shop.web] ?? {})).toEqual(['.git/logs/refs/heads/main'])
    expect(git(shop.api, 'status', '--porcelain')).toBe('')
    expect(await world.ask(taskForm, ['task', 'show', 'T0001'])).toMatchObject({ status: 'review' })
    expect((await world.refused('merge', 'R0001')).blockers).toMatchObject([{ code: 'approval_missing' }])
  })

  it('lands the same trees again after a new yes', async () => {
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect({ api: landedTree(shop.api), web: landedTree(shop.web) }).toEqual(trees)
  })

  it('left one commit per operation in the memory repo and nothing uncommitted', () => {
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
    expect(git(world.memory, 'log', '--reverse', '--format=%s').split('\n')).toEqual([
      'Begin a Signalbox memory',
      'repo: add api',
      'repo: add web',
      'T0001: Add, do not subtract',
      'T0001: start R0001',
      'T0001: packet of R0001',
      'T0001: seal R0001.s1',
      'T0001: R0001 completed',
      'T0001: check R0001.s1',
      'T0001: approve R0001',
      'T0001: merge R0001',
      'T0001: undo R0001',
      'T0001: approve R0001',
      'T0001: merge R0001',
    ])
  })

  it('shows the same diff after workspaces are gone and every repository was collected', async () => {
    const patch = (await world.call(['diff', 'R0001'])).stdout
    rmSync(ran.workspace ?? '', { recursive: true })
    for (const repo of [shop.api, shop.web, ...findFiles(world.state, /(^|\/)vaults\/[^/]+\.git$/)]) git(repo, 'gc', '--quiet', '--prune=now')
    expect((await world.call(['diff', 'R0001'])).stdout).toBe(patch)
  })
})
