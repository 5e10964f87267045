import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, commitsForm, diffForm, gateForm, mergeForm, pushForm, runForm, waiversForm, whyForm, type BlockerValue } from './harness/contract.ts'
import { startSignalbox } from './harness/killable.ts'
import { awaitMoment, whenTrue } from './harness/moment.ts'
import { humanCommits } from './harness/shop.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

const keptGateForm = gateForm.extend({ kept: z.looseObject({ digest: z.string().nullable() }).optional() })

// Made here, so that no file of ours holds what looks like a credential.
const token = `ghp_${randomBytes(18).toString('hex')}`

describe('a landing that keeps the agent’s commits', () => {
  let world: World
  let api: string
  let web: string
  const agent = 'git config user.name "Ada’s agent"; git config user.email agent@example.org'
  /** Lets a script work in a task of its own, each repo in its folder, and returns the id of the run. */
  const work = async (title: string, repos: readonly string[], script: string, ...flags: readonly string[]): Promise<string> => (await runScript(world, await newTask(world, title, ...repos.flatMap((repo) => ['--repo', repo]), ...flags), script)).id
  const commitsOf = async (id: string): Promise<z.output<typeof commitsForm>['repos']> => (await world.ask(commitsForm, ['diff', id, '--commits'])).repos
  const historyOf = (repo: string, base: string): readonly string[] => git(repo, 'rev-list', '--reverse', `${base}..main`).split('\n').filter((line) => line !== '')
  const blocked = async (...args: readonly string[]): Promise<readonly BlockerValue[]> => (await world.refused(...args)).blockers ?? []
  const codes = (blockers: readonly BlockerValue[]): readonly string[] => blockers.map(({ code }) => code).toSorted()

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'src/total.js': 'one\n', 'readme.txt': 'api\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api)
    await addRepo(world, 'web', web)
  })
  afterAll(() => world.close())

  describe('of two commits and what is in none, and of one', () => {
    let bases: readonly string[]
    let shown: z.output<typeof commitsForm>['repos']

    beforeAll(async () => {
      bases = [git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]
      await work('Count on', ['api', 'web'], `
        cd api; ${agent}; echo two >> src/total.js; git commit -qam 'Count to two'; echo three >> src/total.js; git commit -qam 'Count to three'; echo left >> readme.txt
        cd ../web; ${agent}; echo more >> page.txt; git commit -qam "$(printf 'More \\033[31mred')"`)
      shown = await commitsOf('R0001')
    })

    it('shows each of them, and what one of them changed', async () => {
      expect(shown).toMatchObject([
        { repo: 'api', commits: [{ subject: 'Count to two', author: 'Ada’s agent', files: 1, insertions: 1, deletions: 0 }, { subject: 'Count to three' }], rest: { files: 1, insertions: 1, deletions: 0 }, unfit: null },
        { repo: 'web', commits: [{ subject: 'More \u001b[31mred' }], rest: null },
      ])
      const second = await world.ask(diffForm, ['diff', 'R0001', '--commit', shown[0]?.commits[1]?.oid.slice(0, 8) ?? ''])
      expect(second.repos).toMatchObject([{ repo: 'api', files: [{ path: 'src/total.js' }], patch: expect.stringContaining('+three') }])
      expect(second.repos[0]?.patch).not.toContain('+two')
      expect((await world.ask(diffForm, ['diff', 'R0001', '--commit', 'rest'])).repos).toMatchObject([{ repo: 'api', files: [{ path: 'readme.txt' }] }])
      expect((await world.call(['diff', 'R0001', '--commits'])).stdout).toMatch(/api {2}2 commits[^]*Count to two[^]*Count to three[^]*what is in no commit[^]*web {2}1 commit[^]*More \\x1b\[31mred/)
      expect((await world.call(['diff', 'R0001', '--commit', 'beef', '--json'])).exit).toBe(3)
    })

    it('needs a yes to just them, which no other way of landing shares', async () => {
      expect(codes(await blocked('merge', 'R0001', '--strategy', 'keep'))).toEqual(['approval_missing'])
      await world.ask(approvalForm, ['approve', 'R0001'])
      const [asOne] = await blocked('merge', 'R0001', '--strategy', 'keep')
      expect(asOne).toMatchObject({ code: 'approval_stale', message: expect.stringContaining('not to landing the agent\'s own commits'), remedy: { command: 'signalbox approve R0001 --strategy keep' } })
      const { approval } = await world.ask(approvalForm, ['approve', 'R0001', '--strategy', 'keep'])
      expect(approval).toMatchObject({ commits: (await world.ask(keptGateForm, ['gate', 'R0001', '--strategy', 'keep'])).kept?.digest })
      for (const strategy of ['squash', 'merge']) expect(await blocked('merge', 'R0001', '--strategy', strategy)).toMatchObject([{ code: 'approval_stale', message: expect.stringContaining("it is to landing the agent's own commits") }])
      expect([git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]).toEqual(bases)
    })

    it('is of no use once they are others, though the tree is the same', async () => {
      const ref = join(stateFolderOf(world), 'vaults', 'api.git', 'refs', 'signalbox', 'runs', 'R0001', 's1-head')
      const head = readFileSync(ref, 'utf8')
      writeFileSync(ref, `${shown[0]?.commits[0]?.oid}\n`)
      expect(await blocked('merge', 'R0001')).toMatchObject([{ code: 'approval_stale', message: expect.stringContaining("the agent's commits differ") }])
      writeFileSync(ref, head)
    })

    it('lands the very commits, in the order they were made, and one on top of what is in none', async () => {
      const { repos } = await world.ask(mergeForm, ['merge', 'R0001'])
      const [mine, theirs] = [historyOf(api, bases[0] ?? ''), historyOf(web, bases[1] ?? '')]
      expect(mine.slice(0, 2)).toEqual(shown[0]?.commits.map(({ oid }) => oid))
      expect(mine).toHaveLength(3)
      expect(theirs).toEqual(shown[1]?.commits.map(({ oid }) => oid))
      expect(repos).toMatchObject([{ repo: 'api', to: mine[2], commits: mine.slice(0, 2) }, { repo: 'web', to: theirs[0], commits: theirs }])
      const round = (await world.ask(runForm, ['show', 'R0001'])).snapshots[0]
      expect([git(api, 'rev-parse', 'main^{tree}'), git(web, 'rev-parse', 'main^{tree}')]).toEqual(round?.repos.map(({ tree }) => tree))
      expect(git(api, 'log', '-1', '--format=%B', 'main')).toMatch(/^Count on \(T0001\)\n\nSignalbox-Task: T0001\nSignalbox-Run: R0001\n/)
      expect(git(api, 'log', '-1', '--format=%an', 'main~1')).toBe('Ada’s agent')
      for (const repo of [api, web]) expect(git(repo, 'status', '--porcelain')).toBe('')
    })

    it('is told of in a form that older versions leave alone', () => {
      const lines = readFileSync(join(world.memory, 'runs', 'R0001', 'events.jsonl'), 'utf8').trimEnd().split('\n').map((line) => z.looseObject({ format: z.int(), type: z.string() }).parse(JSON.parse(line)))
      expect(lines.filter(({ format }) => format !== 1).map(({ format, type }) => [format, type])).toEqual([[2, 'merge.started'], [2, 'merge.published']])
    })

    it('lets a line be followed to the yes behind it, through the agent’s commits and ours', async () => {
      const why = async (place: string): Promise<z.output<typeof whyForm>> => parseOutcome(whyForm, await world.call(['why', place, '--json'], { cwd: api }), 0)
      const landed = { standing: 'landed', origin: { landing: { strategy: 'keep', branch: 'main', undone: false }, approval: { snapshot: 'R0001.s1', genuine: true }, run: { id: 'R0001' }, task: { id: 'T0001' } } }
      expect(await why('src/total.js:2')).toMatchObject({ ...landed, text: 'two', commit: { oid: shown[0]?.commits[0]?.oid, subject: 'Count to two' }, claims: null })
      expect(await why('readme.txt:2')).toMatchObject({ ...landed, text: 'left', claims: { run: 'R0001' } })
      expect((await why('src/total.js:1')).standing).toBe('no_run')
      // A record that names what nobody approved proves nothing: the first line is the human's.
      const log = join(stateFolderOf(world), 'runs', 'R0001', 'events.jsonl')
      const events = readFileSync(log, 'utf8')
      writeFileSync(log, events.replaceAll(shown[0]?.commits[0]?.oid ?? '', bases[0] ?? ''))
      expect((await why('src/total.js:1')).standing).toBe('no_run')
      writeFileSync(log, events)
      // Nor does a record that somebody wrote, who named the very commits, go before the one that was made here.
      const forged = join(world.memory, 'runs', 'R0000')
      writeFiles(forged, { 'events.jsonl': events.replaceAll('R0001', 'R0000') })
      expect(await why('src/total.js:2')).toMatchObject(landed)
      writeFiles(forged, { 'events.jsonl': events.replaceAll('R0001', 'R0000').replace('"run.prepared"', '"run.ended"') })
      expect(await why('src/total.js:2')).toMatchObject(landed)
      rmSync(forged, { recursive: true })
    })

    it('is taken back whole', async () => {
      await world.ask(mergeForm, ['undo', 'R0001'])
      expect([git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]).toEqual(bases)
      for (const repo of [api, web]) expect(git(repo, 'status', '--porcelain')).toBe('')
      expect(codes(await blocked('merge', 'R0001', '--strategy', 'keep'))).toEqual(['approval_missing'])
    })
  })

  it('finds what one commit brings in and another takes back: a credential, a path out of scope, and one in a message', async () => {
    const id = await work('Tidy', ['api'], `${agent}
      echo "key = ${token}" > src/keys.js; echo x > outside.txt; git add .; git commit -qm 'Try it'
      git rm -q src/keys.js outside.txt; echo two >> src/total.js; git commit -qam 'Take it back'
      echo three >> src/total.js; git commit -qam "Use ${token}"
      echo four >> src/total.js; GIT_COMMITTER_NAME=${token} git commit -qam "$(printf 'Go on\n\nCloses #7')"`, '--scope', 'api:src/**')
    const oids = (await commitsOf(id))[0]?.commits.map(({ oid }) => oid.slice(0, 10)) ?? []
    expect(codes((await world.ask(gateForm, ['gate', id], 4)).blockers)).toEqual(['approval_missing'])
    const { blockers } = await world.ask(gateForm, ['gate', id, '--strategy', 'keep'], 4)
    expect(codes(blockers)).toEqual(['approval_missing', 'scope_exceeded', 'secret_found'])
    expect(blockers.find(({ code }) => code === 'scope_exceeded')?.message).toContain(`outside.txt in ${oids[0]}`)
    const secret = blockers.find(({ code }) => code === 'secret_found')
    expect(secret?.message).toMatch(new RegExp(`src/keys\\.js:1 \\(.*\\) in ${oids[0]}.*\\(commit message\\):1 \\(.*\\) in ${oids[2]}.*\\(commit message\\):\\d \\(.*\\) in ${oids[3]}`))
    expect((await world.call(['diff', id, '--commits'])).stdout).toMatch(new RegExp(`${oids[3]} .*Go on\\n +by Ada’s agent <agent@example\\.org>, committed by ${token} <agent@example\\.org>, .*\\n +Closes #7`))
    expect(secret?.remedy.command).toContain('--strategy keep')
    expect(JSON.stringify(blockers)).not.toContain(token)
    for (const code of ['secret_found', 'scope_exceeded']) await world.ask(waiversForm, ['waive', id, code, '--strategy', 'keep', '--because', 'of a test server'])
    await world.ask(mergeForm, ['merge', id, '--approve', '--strategy', 'keep'])
    expect(git(api, 'log', '-4', '--reverse', '--format=%h', '--abbrev=10', 'main').split('\n')).toEqual(oids)
    await world.ask(mergeForm, ['undo', id])
  })

  it('lands commits that were worded anew as such, though no file is another', async () => {
    const id = await work('Word it', ['api'], `${agent}; echo two >> src/total.js; git commit -qam wip`)
    const { workspace } = await world.ask(runForm, ['show', id])
    git(join(workspace ?? '', 'api'), 'commit', '--quiet', '--amend', '-m', 'Count to two')
    expect((await world.ask(runForm, ['seal', id])).snapshots).toMatchObject([{ id: `${id}.s1` }, { id: `${id}.s2` }])
    expect(await commitsOf(id)).toMatchObject([{ commits: [{ subject: 'Count to two' }], rest: null }])
    expect((await world.ask(runForm, ['seal', id])).snapshots).toHaveLength(2)
  })

  it('refuses a history that is not one commit on the other, which lands as one', async () => {
    const id = await work('Merge it', ['api'], `${agent}; echo two >> src/total.js; git commit -qam two; git switch -qc side HEAD^; echo x > src/x.js; git add .; git commit -qm x; git merge -q --no-edit -`)
    const blockers = await blocked('approve', id, '--strategy', 'keep')
    expect(blockers).toMatchObject([{ code: 'commits_unfit', repo: 'api', message: expect.stringContaining('is a merge'), remedy: { command: `signalbox approve ${id} --strategy squash` } }])
    expect(await commitsOf(id)).toMatchObject([{ commits: [], unfit: expect.stringContaining('is a merge') }])
    await world.ask(mergeForm, ['merge', id, '--approve'])
    await world.ask(mergeForm, ['undo', id])
  })

  it('refuses a part of a round, and one that a refresh computed', async () => {
    const id = await work('Two files', ['api'], `${agent}; echo two >> src/total.js; git commit -qam two; echo x > src/x.js; git add .; git commit -qm x`)
    await world.ask(approvalForm, ['approve', id, '--strategy', 'keep'])
    humanCommits(api, 'human.txt', 'meanwhile\n')
    expect(await blocked('merge', id, '--refresh')).toMatchObject([{ code: 'target_moved', remedy: { sentence: expect.stringContaining('do not come along') } }, { code: 'approval_stale' }])
    await world.ask(runForm, ['refresh', id])
    expect(await blocked('approve', id, '--strategy', 'keep')).toMatchObject([{ code: 'commits_unfit', message: expect.stringContaining('computed on targets that moved') }])
    await world.ask(runForm, ['seal', id, '--only', 'api:src/x.js'])
    expect(await blocked('approve', id, '--strategy', 'keep')).toMatchObject([{ code: 'commits_unfit', message: expect.stringContaining('is a part of') }])
    await world.ask(mergeForm, ['merge', id, '--approve'])
  })

  it('is finished by the next command where it was killed between its targets', async () => {
    const id = await work('Kill it', ['api', 'web'], `cd api; ${agent}; echo two > src/killed.js; git add .; git commit -qm two; cd ../web; ${agent}; echo two >> page.txt; git commit -qam two; echo left >> page.txt`)
    const shown = await commitsOf(id)
    await world.ask(approvalForm, ['approve', id, '--strategy', 'keep'])
    const journal = join(stateFolderOf(world), 'journals', `${id}.json`)
    const call = startSignalbox(world, ['merge', id, '--json'])
    await awaitMoment(call, { seen: whenTrue(() => existsSync(journal) && readFileSync(journal, 'utf8').includes('"published"')), ms: 0 })
    call.kill('group')
    await call.ended
    expect(existsSync(journal)).toBe(true)
    const { merge } = await world.ask(runForm, ['show', id])
    expect(merge).toMatchObject({ state: 'merged', repos: shown.map(({ repo, commits }) => ({ repo, commits: commits.map(({ oid }) => oid) })) })
    for (const [repo, { commits }] of [[api, shown[0] ?? { commits: [] }], [web, shown[1] ?? { commits: [] }]] as const) {
      expect(git(repo, 'rev-list', 'main').split('\n')).toEqual(expect.arrayContaining(commits.map(({ oid }) => oid)))
      expect(git(repo, 'status', '--porcelain')).toBe('')
    }
    await world.ask(mergeForm, ['undo', id])
  })

  it('goes to a remote as it would land', async () => {
    const bare = join(world.dir, 'web.git')
    run(world.dir, 'git', ['clone', '--quiet', '--bare', web, bare])
    git(web, 'remote', 'add', 'origin', bare)
    const id = await work('Push it', ['web'], `${agent}; echo two >> page.txt; git commit -qam two; echo three >> page.txt; git commit -qam three; echo left >> page.txt`)
    const oids = (await commitsOf(id))[0]?.commits.map(({ oid }) => oid) ?? []
    expect(codes(await blocked('push', id, '--strategy', 'keep'))).toEqual(['approval_missing'])
    await world.ask(approvalForm, ['approve', id, '--strategy', 'keep'])
    const { branch, repos } = await world.ask(pushForm, ['push', id])
    expect(git(bare, 'rev-list', '--reverse', `main..${branch}`).split('\n')).toEqual([...oids, repos[0]?.to])
    writeFiles(web, { 'mine.txt': 'mine\n' })
    expect(codes(await blocked('merge', id))).toEqual(['target_dirty'])
    writeFiles(web, { 'mine.txt': null })
    await world.ask(mergeForm, ['merge', id])
    expect(historyOf(web, git(bare, 'rev-parse', 'main')).slice(0, 2)).toEqual(oids)
  })
})
