import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type Isolation, type SourceChange } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run as sh, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const landed = (): Promise<ReadonlySet<string>> => Promise.resolve(new Set())

/** Long enough not to be the same by chance. */
const long = 'export const answer = 42 // worked out by the run, and by nobody else at all\n'

interface Stage {
  /** The source that the run has no checkout of. */
  readonly web: string
  readonly work: string
  /** Runs a script in the checkout of the run, as its agent, whose git tells what it does where. */
  readonly act: (script: string) => void
  /** The same with git that tells nothing. */
  readonly actUnseen: (script: string) => void
  /** Saves what the run left and compares the other source with what it was: what changed, and by which evidence. */
  readonly compare: () => Promise<readonly (readonly [string, string, string | null])[]>
}

async function begin(isolation: Isolation): Promise<Stage> {
  const api = createRepo({ 'a.txt': 'a\n' })
  const web = createRepo({ 'a.txt': 'web\n', 'b.txt': 'b\n' })
  writeFiles(web, { 'b.txt': 'second\n' })
  commitAll(web, 'second')
  raw(web, 'branch', 'other')
  const engine = createGitEngine({ stateDir: createTempDir('state') })
  const source = { repo: repoNameSchema.parse('web'), path: web }
  const base = oidSchema.parse(raw(api, 'rev-parse', 'HEAD'))
  const checkout = { run: runIdSchema.parse('R0007'), source: { repo: repoNameSchema.parse('api'), path: api }, path: join(createTempDir('workspace'), 'api'), isolation }
  const before = await engine.tripwire.observeForeign(source)
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  const trace = Object.entries(engine.tripwire.environment(checkout.run)).map(([name, value]) => `${name}=${value}`).join(' ')
  const actUnseen = (script: string): void => void sh(checkout.path, 'sh', ['-c', `set -e\nweb=${web}\n${script}`])
  const shape = ({ what, name, evidence }: SourceChange): readonly [string, string, string | null] => [what, name, evidence?.kind === 'command' ? evidence.command : evidence?.kind === 'commit' && evidence.alone !== true ? 'commit, not alone' : (evidence?.kind ?? null)]
  return {
    web,
    work: checkout.path,
    act: (script) => actUnseen(`export ${trace}\n${script}`),
    actUnseen,
    compare: async () => {
      const saved = { base, ...(await engine.snapshots.capture(checkout, base, 1)) }
      await engine.tripwire.digestTrace(checkout.run)
      const { changes, unread } = await engine.tripwire.compareForeign(checkout.run, source, before, { own: [{ checkout, base, saved }], landed })
      expect(unread).toBe(null)
      return changes.map(shape)
    },
  }
}

const commit = 'echo x > a.txt; git commit -qam work'

describe.each(['private', 'linked'] as const)('a registered repo that a run in %s isolation has no checkout of', (isolation) => {
  test('is as it was while the run works beside it', async () => {
    const { web, act, compare } = await begin(isolation)
    const before = fingerprint(web)
    act(`${commit}; git -C $web log >/dev/null; git -C $web status >/dev/null`)
    expect(await compare()).toEqual([])
    expect(fingerprint(web)).toEqual(before)
  })

  test.each([
    ['commits there', 'cd $web; echo z > a.txt; git commit -qam evil', ['ref', 'refs/heads/main', 'commit']],
    ['moves a branch there', 'git -C $web update-ref refs/heads/other HEAD~1', ['ref', 'refs/heads/other', 'update-ref']],
    ['deletes a branch there', 'git -C $web update-ref -d refs/heads/other', ['ref', 'refs/heads/other', 'update-ref']],
    ['stages there', 'cd $web; echo z > a.txt; git add a.txt', ['index', 'a.txt', 'add']],
    ['pushes there from a clone of its own', 'git clone -q $web ../clone 2>/dev/null; cd ../clone; echo z > c.txt; git add c.txt; git -c user.name=x -c user.email=x@y commit -qm evil; git push -q origin HEAD:refs/heads/stolen', ['ref', 'refs/heads/stolen', 'receive-pack']],
    ['pushes there what was there before', 'git clone -q $web ../clone 2>/dev/null; cd ../clone; git push -qf origin HEAD~1:refs/heads/other', ['ref', 'refs/heads/other', 'receive-pack']],
    ['writes a file of its own work there', `printf '${long}' > c.ts; cp c.ts $web/c.ts`, ['file', 'c.ts', 'bytes']],
    ['writes over a file there', `printf '${long}' > a.txt; cp a.txt $web/a.txt`, ['file', 'a.txt', 'bytes']],
  ] as const)('shows that the run did it when it %s', async (_what, script, found) => {
    const { act, compare } = await begin(isolation)
    act(script)
    expect(await compare()).toEqual([found])
  })

  test.each([
    ['edits files there', 'echo z > $web/a.txt; echo new > $web/new.txt; rm $web/b.txt', [['file', 'a.txt'], ['file', 'b.txt'], ['file', 'new.txt']]],
    ['writes a short file as many have it', 'echo 24 > .nvmrc; cp .nvmrc $web/.nvmrc', [['file', '.nvmrc']]],
    ['writes a file of its work under another name', `printf '${long}' > c.ts; cp c.ts $web/d.ts`, [['file', 'd.ts']]],
    ['copies a file that it did not change', 'cp a.txt $web/a.txt', [['file', 'a.txt']]],
    ['commits there with git that tells nothing', 'cd $web; echo z > a.txt; git commit -qam evil', [['ref', 'refs/heads/main']]],
    ['installs a hook there', 'printf "#!/bin/sh\\n" > $web/.git/hooks/pre-commit', [['hook', 'hooks/pre-commit']]],
  ])('is found changed, and nobody accused, when something %s', async (_what, script, found) => {
    const { actUnseen, compare } = await begin(isolation)
    actUnseen(script)
    expect(await compare()).toEqual(found.map((change) => [...change, null]))
  })

  test.each([
    ['commits', (web: string) => sh(web, 'sh', ['-c', 'echo y > b.txt; git commit -qam mine'])],
    ['moves, tags and stashes', (web: string) => sh(web, 'sh', ['-c', 'git branch -f other HEAD~1; git tag v1; echo y > b.txt; git stash -q; git config alias.st status; git switch -q other'])],
    ['fetches the work of the run', (web: string, work: string) => sh(web, 'sh', ['-c', `git fetch -q ${work} HEAD:look`])],
    ['pushes from another clone, and the run takes it in', (web: string, work: string) => sh(web, 'sh', ['-c', `git clone -q . "$0" 2>/dev/null && cd "$0" && git commit -q --allow-empty -m mine && git push -q ${web} HEAD:refs/heads/theirs && cd ${work} && git fetch -q ${web} theirs:theirs`, join(createTempDir(), 'clone')])],
  ])('accuses nobody when its human %s', async (_what, human) => {
    const { web, work, act, compare } = await begin(isolation)
    act(`${commit}; git -C $web branch >/dev/null; git -C $web stash list >/dev/null`)
    human(web, work)
    const found = await compare()
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter(([, , evidence]) => evidence !== null)).toEqual([])
  })

  test('cannot be looked at where it is gone, or a pipe lies where git reads, and nobody waits', async () => {
    const engine = createGitEngine({ stateDir: createTempDir('state') })
    const path = createRepo({ 'a.txt': 'a\n' })
    const source = { repo: repoNameSchema.parse('web'), path }
    sh(path, 'sh', ['-c', 'mkfifo .git/info/attributes'])
    await expect(engine.tripwire.observeForeign(source)).rejects.toMatchObject({ code: 'repo.unreachable', message: expect.stringContaining('no plain file') })
    await expect(engine.tripwire.observeForeign({ ...source, path: `${path}.gone` })).rejects.toMatchObject({ code: 'repo.unreachable' })
  })
})

describe('a commit that a run made in its own git directory', () => {
  test.each([
    ['pushed', 'git push -q $web HEAD:refs/heads/stolen'],
    ['pushed over what was there', 'git push -qf $web HEAD:refs/heads/stolen; git push -q $web HEAD:refs/tags/stolen; git push -q $web :refs/tags/stolen'],
    ['written as a plain file with its objects', 'cp -r "$(git rev-parse --git-common-dir)"/objects/?? $web/.git/objects/ 2>/dev/null || true; git rev-parse HEAD > $web/.git/refs/heads/stolen'],
  ])('shows in another repo when it is %s there, though nothing was told', async (_how, script) => {
    const { actUnseen, compare } = await begin('private')
    actUnseen(`${commit}; echo y > b.txt; git add b.txt; git commit -qm more; ${script}`)
    expect(await compare()).toContainEqual(['ref', 'refs/heads/stolen', 'commit'])
  })

  test('does not make a ref the run’s alone that has a commit of the human', async () => {
    const { web, actUnseen, compare } = await begin('private')
    writeFiles(web, { 'b.txt': 'mine\n' })
    commitAll(web, 'mine')
    actUnseen(`${commit}; git fetch -q $web main; git merge -q --allow-unrelated-histories -s ours -m both FETCH_HEAD; git push -q $web HEAD:refs/heads/stolen`)
    expect(await compare()).toEqual([['ref', 'refs/heads/main', null], ['ref', 'refs/heads/stolen', 'commit, not alone']])
  })
})
