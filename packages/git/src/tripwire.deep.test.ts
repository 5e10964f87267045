import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, compareFingerprints, isGuarded, oidSchema, repoNameSchema, runIdSchema, type Isolation, type SourceChange } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run as sh, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import type { Standing } from './tripwire.ts'

afterAll(removeTempDirs)

/** Long enough not to be the same by chance. */
const long = 'worked out by the run in many words, and by nobody else at all, at this path'

const main = branchNameSchema.parse('main')

interface Stage {
  readonly path: string
  readonly work: string
  readonly marker: string
  readonly state: string
  /** Assignments that make the agent's git tell what it does. */
  readonly trace: string
  /** Runs a script in the checkout of the run, as its agent. */
  readonly act: (script: string) => void
  /** Saves what the run left and compares the source with what it was. */
  readonly compare: (...landed: readonly string[]) => Promise<{ readonly changes: readonly SourceChange[]; readonly unread: string | null }>
  /** Takes out of the first look what versions before this one did not look at. */
  readonly forget: () => void
  /** Begins another run on the source as it is now. */
  readonly beginAgain: () => Promise<Pick<Stage, 'work' | 'act' | 'compare'> & { readonly take: (changes: readonly SourceChange[]) => Promise<void> }>
  readonly standing: (changes: readonly SourceChange[]) => Promise<readonly SourceChange[]>
  readonly look: (changes: readonly SourceChange[]) => Promise<Standing>
  readonly take: (changes: readonly SourceChange[]) => Promise<void>
}

/** A source with a stash, a second branch, a second worktree and an ignored file, and a run that just began on it. */
async function begin(isolation: Isolation, files: Files = { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': '*.local\n' }, env: NodeJS.ProcessEnv = process.env, prepare: (path: string) => void = () => {}): Promise<Stage> {
  const path = createRepo(files)
  raw(path, 'branch', 'other')
  raw(path, 'worktree', 'add', '--quiet', '--detach', join(createTempDir(), 'beside'))
  writeFiles(path, { 'a.txt': 'stashed\n' })
  raw(path, 'stash', 'push', '--quiet')
  writeFiles(path, { 'my.local': 'mine\n' })
  prepare(path)
  const state = createTempDir('state')
  const engine = createGitEngine({ stateDir: state, env })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run: runIdSchema.parse('R0007'), source, path: join(createTempDir('workspace'), 'api'), isolation }
  const observed = await engine.sources.observe(source)
  let before = observed.fingerprint
  await engine.workspaces.create(checkout, base, main)
  const marker = join(createTempDir(), 'marker')
  const act = (work: string, script: string): void => void sh(work, 'sh', ['-c', `set -e\nsrc=${path}\nmarker=${marker}\n${script}`])
  return {
    path,
    work: checkout.path,
    marker,
    state,
    trace: Object.entries(engine.tripwire.environment(checkout.run)).map(([name, value]) => `${name}=${value}`).join(' '),
    act: (script) => act(checkout.path, script),
    compare: async (...landed) => {
      const captured = await engine.snapshots.capture(checkout, base, 1)
      await engine.tripwire.digestTrace(checkout.run)
      return engine.tripwire.compare(checkout, before, { round: { base, ...captured }, landed: () => Promise.resolve(new Set(landed)) })
    },
    forget: () => {
      before = { ...before, config: before.config.filter(([name]) => !name.startsWith('.')), hook: before.hook.filter(([name]) => name.startsWith('hooks/')) }
    },
    beginAgain: async () => {
      const again = { ...checkout, run: runIdSchema.parse('R0008'), path: join(createTempDir('workspace'), 'api') }
      const { fingerprint: now } = await engine.sources.observe(source)
      const onto = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
      await engine.workspaces.create(again, onto, main)
      return {
        work: again.path,
        act: (script) => act(again.path, script),
        compare: async () => engine.tripwire.compare(again, now, { round: { base: onto, ...(await engine.snapshots.capture(again, onto, 1)) }, landed: () => Promise.resolve(new Set()) }),
        take: (changes) => engine.tripwire.takeFiles([{ checkout: again, changes }]),
      }
    },
    look: (changes) => engine.tripwire.findStanding(source, changes),
    take: (changes) => engine.tripwire.takeFiles([{ checkout, changes }]),
    standing: async (changes) => (await engine.tripwire.findStanding(source, changes)).changes,
  }
}

/** An environment whose git counts its starts. */
function countGit(): { readonly env: NodeJS.ProcessEnv; readonly processes: () => number } {
  const dir = createTempDir('git')
  const [git, programs] = ['command -v git', 'git --exec-path'].map((command) => sh(dir, 'sh', ['-c', command]).trim())
  const script = `#!/bin/sh\necho >> ${dir}/starts\n[ "$1" = --exec-path ] && exec echo ${dir}/libexec/git-core\nexec ${git} "$@"\n`
  writeFiles(dir, { 'bin/git': { executable: script }, 'libexec/git-core': { link: programs ?? '' } })
  return { env: { ...process.env, PATH: `${dir}/bin:${process.env['PATH']}` }, processes: () => readFileSync(join(dir, 'starts'), 'utf8').length }
}

const named = (changes: readonly SourceChange[]): readonly string[] => changes.map(({ what, name }) => `${what} ${name.replace(/^[0-9a-f]{40}$/, 'OID')}`)

describe('a source that nobody touched', () => {
  test.each(['private', 'linked'] as const)('is as it was, while a run in %s isolation works, commits and collects garbage', async (isolation) => {
    const stage = await begin(isolation)
    const before = fingerprint(stage.path)
    stage.act('echo x > a.txt; git add -A; git commit -qm work; echo y > new.txt; git gc --quiet')
    expect(await stage.compare()).toEqual({ changes: [], unread: null })
    if (isolation === 'private') expect(fingerprint(stage.path)).toEqual(before)
  })

  test('is as it was after its human only looked: a refreshed index is no change', async () => {
    const { path, compare } = await begin('private')
    sh(path, 'sh', ['-c', 'touch a.txt b.txt; git status >/dev/null; git log -1 >/dev/null; git diff >/dev/null'])
    expect(await compare()).toEqual({ changes: [], unread: null })
  })

  test('is as it was though it holds more than is read of it, and some of that went', async () => {
    const stage = await begin('private', { 'a.txt': 'a\n', 'b.txt': 'b\n' })
    sh(stage.path, 'sh', ['-c', 'i=0; while [ $i -lt 1100 ]; do echo $i > out$i; i=$((i+1)); done'])
    const second = await stage.beginAgain()
    sh(stage.path, 'sh', ['-c', 'rm out0 out1'])
    expect(named((await second.compare()).changes)).toEqual(['file out0', 'file out1'])
  })

  test('is the same at two looks, whatever dirt lies in it', async () => {
    const path = createRepo({ 'a.txt': 'a\n', 'gone.txt': 'g\n' })
    writeFiles(path, { 'a.txt': 'dirty\n', 'gone.txt': null, 'ünïcode': 'u', 'with space': 's', link: { link: 'nowhere' }, ['__proto__']: 'p', 'tool.sh': { executable: 'x' } })
    raw(path, 'add', 'with space')
    const engine = createGitEngine({ stateDir: createTempDir('state') })
    const [one, two] = await Promise.all([1, 2].map(() => engine.sources.observe({ repo: repoNameSchema.parse('api'), path })))
    expect(compareFingerprints(one?.fingerprint ?? never(), two?.fingerprint ?? never())).toEqual([])
    expect(one?.fingerprint.file.map(([name]) => name).toSorted()).toEqual(['__proto__', 'a.txt', 'gone.txt', 'link', 'tool.sh', 'ünïcode'])
    expect(one?.fingerprint.index.map(([name]) => name)).toEqual(['with space'])
  })
})

function never(): never {
  throw new Error('it was observed')
}

/** What an agent can do to the human's repository from a linked worktree, and how it is found. Each that runs code would write the marker. */
const attacks: readonly (readonly [what: string, script: string, found: readonly string[]])[] = [
  ['moves main', 'git update-ref refs/heads/main $(git commit-tree -m evil HEAD^{tree})', ['ref refs/heads/main']],
  ['commits to another branch', 'git checkout -q other; echo x > a.txt; git commit -qam evil', ['ref refs/heads/other']],
  ['deletes a branch', 'git branch -D -q other', ['ref refs/heads/other']],
  ['edits packed refs', 'git pack-refs --all; grep -v refs/heads/other $src/.git/packed-refs > $src/.git/p; mv $src/.git/p $src/.git/packed-refs', ['ref refs/heads/other']],
  ['makes a tag that hides a branch', 'git tag main', ['ref refs/tags/main']],
  ['replaces a commit', 'git replace HEAD $(git commit-tree -m evil HEAD^{tree})', [expect.stringMatching(/^ref refs\/replace\//) as string]],
  ['drops a stash', 'git stash drop -q', ['stash OID']],
  ['adds a stash', 'echo x > a.txt; git stash -q', ['stash OID']],
  ['installs a hook', 'printf "#!/bin/sh\\ntouch $marker\\n" > $src/.git/hooks/reference-transaction; chmod +x $src/.git/hooks/*', ['hook hooks/reference-transaction']],
  ['installs hooks where subfolders and submodules have theirs', 'mkdir -p $src/.git/hooks/sub $src/.git/modules/lib/x/hooks; echo evil > $src/.git/hooks/sub/pre-commit; echo ref: refs/heads/main > $src/.git/modules/lib/x/HEAD; echo evil > $src/.git/modules/lib/x/hooks/pre-commit; git config -f $src/.git/modules/lib/x/config core.fsmonitor evil', ['hook hooks/sub/pre-commit', 'hook modules/lib/x/hooks/pre-commit', 'config modules/lib/x/config: core.fsmonitor']],
  ['points to hooks of its own', 'mkdir h; printf "#!/bin/sh\\ntouch $marker\\n" > h/post-index-change; chmod +x h/*; git config core.hooksPath $PWD/h', ['config config: core.hookspath']],
  ['sets a file monitor', 'git config core.fsmonitor "touch $marker; false"', ['config config: core.fsmonitor']],
  ['sets an alias', 'git config alias.status "!touch $marker"', ['config config: alias.status']],
  ['sets a filter for all files', `git config filter.evil.clean "touch $marker; cat"; git config filter.evil.required true; echo '* filter=evil' >> $src/.git/info/attributes; echo x > $src/a.txt`, ['config config: filter.evil.clean', 'config config: filter.evil.required', 'info info/attributes', 'file a.txt']],
  ['includes a filter', `printf '[filter "evil"]\\n\\tclean = touch %s; cat\\n' $marker > more; git config include.path $PWD/more; echo '* filter=evil' > $src/.git/info/attributes; touch $src/a.txt`, ['config config: include.path', 'info info/attributes']],
  ['hides files', "echo '*' >> $src/.git/info/exclude; echo x > $src/hidden.txt", ['info info/exclude']],
  ['borrows other objects', 'echo /nowhere > $src/.git/objects/info/alternates', ['info objects/info/alternates']],
  ["stages in the human's checkout", 'echo x > $src/a.txt; git -C $src add a.txt', ['index a.txt']],
  ["hides an edit from the human's index", 'git -C $src update-index --assume-unchanged a.txt; echo x > $src/a.txt', ['index a.txt (hidden)']],
  ["switches the human's checkout", 'git --git-dir=$src/.git symbolic-ref HEAD refs/heads/other', [expect.stringMatching(/^head /) as string]],
  ['removes another worktree', 'git worktree remove --force "$(git worktree list --porcelain | sed -n "s/^worktree \\(.*beside\\)$/\\1/p")"', [expect.stringMatching(/^head .*beside$/) as string]],
  ['makes the repository bare', 'git config core.bare true', ['config config: core.bare']],
  ['puts pipes where files are read, which would never end', 'mkfifo $src/.git/info/attributes $src/.git/hooks/pre-commit', ['hook hooks/pre-commit', 'info info/attributes']],
  ['breaks the settings', 'echo "[" >> $src/.git/config', ['config config: (not understood)']],
  ["deletes the branch the human is on", 'git update-ref -d refs/heads/main', ['ref refs/heads/main']],
]

describe('an agent in a linked worktree', () => {
  test.each(attacks)('that %s is found out, and runs nothing in our git', async (_what, script, found) => {
    const stage = await begin('linked')
    stage.act(`${script}\nrm -f $marker`)
    const { changes, unread } = await stage.compare()
    const guarded = named(changes)
    for (const one of found) expect(guarded).toContainEqual(one)
    expect(changes.some((change) => isGuarded(change))).toBe(true)
    expect(unread === null).toBe(!/bare|breaks|pipes/.test(_what))
    expect(await stage.standing(changes)).toEqual(changes)
    expect(existsSync(stage.marker) ? 'ran' : 'did not run').toBe('did not run')
  })

  test.each(['commondir', 'worktrees/beside/gitdir', 'worktrees/beside/HEAD', 'HEAD'])('that lays a pipe for %s makes the look fail, and nobody waits', async (name) => {
    const stage = await begin('linked')
    stage.act(`rm -f $src/.git/${name}; mkfifo $src/.git/${name}`)
    const answer = await stage.compare().catch((error: unknown) => ({ unread: String(error) }))
    expect(answer.unread).toContain('no plain file')
  })

  test('that moves a branch no longer stands once it is put back', async () => {
    const stage = await begin('linked')
    stage.act('git update-ref refs/heads/main $(git commit-tree -m evil HEAD^{tree}); git stash drop -q')
    const { changes } = await stage.compare()
    expect(named(changes)).toEqual(['ref refs/heads/main', 'stash OID'])
    for (const { what, name, before } of changes) raw(stage.path, ...(what === 'ref' ? ['update-ref', name, before ?? ''] : ['stash', 'store', '-m', 'restored', before ?? '']))
    expect(await stage.standing(changes)).toEqual([])
  })

  test('laid real traps: plain git falls into them', async () => {
    const stage = await begin('linked')
    for (const [, script] of attacks.filter(([what]) => what.includes('filter for all'))) stage.act(`${script}\nrm -f $marker`)
    sh(stage.path, 'sh', ['-c', 'git status >/dev/null 2>&1; true'])
    expect(existsSync(stage.marker)).toBe(true)
  })
})

describe('a plain folder in the place of a file', () => {
  test('is a file that is gone, with new ones below, and is taken so', async () => {
    const stage = await begin('private')
    sh(stage.path, 'sh', ['-c', 'rm a.txt; mkdir a.txt; echo new > a.txt/x'])
    const { changes } = await stage.compare()
    expect(changes.map(({ name, after }) => [name, after])).toEqual([['a.txt', 'missing'], ['a.txt/x', expect.stringMatching(/^100644 /)]])
    expect(await stage.standing(changes)).toEqual(changes)
    const below = changes.filter(({ name }) => name === 'a.txt/x')
    await expect(stage.take(below)).rejects.toMatchObject({ message: expect.stringContaining('a.txt in the workspace stands where a.txt/x would be copied') })
    await stage.take(changes)
    expect(readFileSync(join(stage.work, 'a.txt/x'), 'utf8')).toBe('new\n')
  })

  test('is still told from another repository there', async () => {
    const stage = await begin('private')
    sh(stage.path, 'sh', ['-c', 'rm a.txt; git init -q a.txt'])
    const { changes } = await stage.compare()
    expect(changes.find(({ name }) => name === 'a.txt')?.after).toBe('folder')
    await expect(stage.take(changes)).rejects.toMatchObject({ message: expect.stringContaining('a repository of its own') })
  })
})

describe('what a source stood for before', () => {
  test('is said to be gone once git has cleared it away', async () => {
    const stage = await begin('linked')
    stage.act('git stash drop -q; git update-ref refs/heads/other $(git commit-tree -m evil HEAD^{tree})')
    const { changes } = await stage.compare()
    expect(named(changes)).toEqual(['ref refs/heads/other', 'stash OID'])
    expect((await stage.look(changes)).gone).toEqual([])
    sh(stage.path, 'git', ['-c', 'gc.reflogExpire=now', 'gc', '-q', '--prune=now'])
    expect((await stage.look(changes)).gone).toEqual(changes.filter(({ what }) => what === 'stash').map(({ before }) => before))
  })
})

describe('hooks and settings beside the git directory', () => {
  /** A source as tools for hooks set it up: what they generate is ignored, what people write is tracked. */
  async function beginLed(isolation: Isolation): Promise<Stage> {
    const stage = await begin(isolation, { '.gitignore': '*.local\n.husky/_/\n.gitshared\n', '.husky/pre-commit': 'npm test\n', 'a.txt': 'a\n', 'b.txt': 'b\n' }, process.env, (path) => {
      writeFiles(path, { '.husky/_/pre-commit': { executable: '#!/bin/sh\n' }, '.gitshared': `[include]\n\tpath = more.local\n[core]\n\thooksPath = .husky/_ ; generated\n`, 'more.local': '[user]\n\tname = me\n' })
      raw(path, 'config', 'include.path', '../.gitshared')
      raw(path, 'config', 'includeIf.onbranch:none.path', '~/nowhere')
    })
    expect(raw(stage.path, 'config', 'core.hooksPath')).toBe('.husky/_')
    return stage
  }

  test.each(['private', 'linked'] as const)('are found out where an agent in %s isolation changes them, until they are put back', async (isolation) => {
    const stage = await beginLed(isolation)
    const before = ['.husky/_/pre-commit', '.gitshared', 'more.local'].map((name) => [name, readFileSync(join(stage.path, name), 'utf8')] as const)
    expect((await stage.compare()).changes).toEqual([])
    stage.act('cd $src; echo "touch $marker" >> .husky/_/pre-commit; echo evil > .husky/_/post-merge; printf "[core]\\n\\tfsmonitor = evil\\n" >> more.local')
    const { changes, unread } = await stage.compare()
    expect(unread).toBe(null)
    expect(named(changes)).toEqual(['config ./more.local: core.fsmonitor', 'hook ./.husky/_/post-merge', 'hook ./.husky/_/pre-commit'])
    expect(changes.every(isGuarded)).toBe(true)
    expect(await stage.standing(changes)).toEqual(changes)
    for (const [name, text] of before) writeFileSync(join(stage.path, name), text)
    writeFiles(stage.path, { '.husky/_/post-merge': null })
    expect(await stage.standing(changes)).toEqual([])
  })

  test('are left alone where they come and go with commits, and are named where they are edited', async () => {
    const stage = await beginLed('linked')
    sh(stage.path, 'sh', ['-c', 'git config core.hooksPath .husky'])
    const again = await stage.beginAgain()
    sh(stage.path, 'sh', ['-c', 'echo lint >> .husky/pre-commit; echo more > .husky/pre-push; git add .husky; git commit -qm hooks'])
    expect(named((await again.compare()).changes)).toEqual(['ref refs/heads/main'])
    sh(stage.path, 'sh', ['-c', 'echo evil >> .husky/pre-commit'])
    expect(named((await again.compare()).changes)).toEqual(['ref refs/heads/main', 'hook ./.husky/pre-commit', 'file .husky/pre-commit'])
  })

  test('are named where they are edited in a folder whose name has more letters than a to z', async () => {
    const stage = await begin('private', { 'häken/pre-commit': { executable: '#!/bin/sh\n' }, 'a.txt': 'a\n', 'b.txt': 'b\n' }, process.env, (path) => raw(path, 'config', 'core.hooksPath', 'häken'))
    stage.act('echo evil >> $src/häken/pre-commit')
    expect(named((await stage.compare()).changes)).toEqual(['hook ./häken/pre-commit', 'file häken/pre-commit'])
  })

  test('are not said to have changed since a look that did not know of them', async () => {
    const stage = await beginLed('linked')
    stage.forget()
    stage.act('cd $src; echo evil > .husky/_/post-merge')
    expect((await stage.compare()).changes).toEqual([])
  })

  test('take no longer to look at where a setting leads into a huge folder, or above the repository', async () => {
    const stage = await begin('private')
    const huge = createTempDir('huge')
    sh(huge, 'sh', ['-c', 'i=0; while [ $i -lt 40 ]; do mkdir -p d$i/e/f; j=0; while [ $j -lt 100 ]; do echo > d$i/$j; j=$((j+1)); done; i=$((i+1)); done; mkfifo pipe; truncate -s 20G big'])
    raw(stage.path, 'config', 'core.hooksPath', huge)
    raw(stage.path, 'config', '--add', 'core.hooksPath', '.')
    raw(stage.path, 'config', '--add', 'core.hooksPath', '/')
    const again = await stage.beginAgain()
    expect(await again.compare()).toEqual({ changes: [], unread: null })
    writeFiles(huge, { 'pre-commit': 'evil\n' })
    expect(named((await again.compare()).changes)).toEqual([`hook ${huge}/pre-commit`])
  })

  test('stop the look where a pipe lies for a file that is included, which git would wait for', async () => {
    const stage = await beginLed('linked')
    stage.act('rm $src/more.local; mkfifo $src/more.local')
    expect((await stage.compare()).unread).toContain('more.local is no plain file')
  })

  test('stop no look where a human includes nothing, or a folder where git never comes to it', async () => {
    const stage = await begin('private', undefined, undefined, (path) => {
      raw(path, 'config', 'include.path', '/dev/null')
      raw(path, 'config', 'includeIf.gitdir:/nowhere/.path', createTempDir())
    })
    expect(await stage.compare()).toEqual({ changes: [], unread: null })
  })
})

describe('evidence that a run changed a source', () => {
  test.each([
    ['pushes to a branch', 'git push -q $src HEAD:refs/heads/stolen', 'refs/heads/stolen'],
    ['pushes over another branch', 'git push -qf $src HEAD:refs/heads/other', 'refs/heads/other'],
    ['pushes to a branch of the name it works on', 'git push -q $src HEAD', 'refs/heads/signalbox/r0007'],
    ['pushes a tag, then packs what it has', 'git tag -am t v1; git push -q $src v1; git gc -q --prune=now', 'refs/tags/v1'],
    ['copies objects and writes the ref', 'cp -r "$(git rev-parse --git-common-dir)"/objects/?? $src/.git/objects/ 2>/dev/null || true; git rev-parse HEAD > $src/.git/refs/heads/stolen', 'refs/heads/stolen'],
  ])('is a commit of its own in a ref: it %s', async (_what, script, ref) => {
    const stage = await begin('private')
    stage.act(`echo x > a.txt; git commit -qam work; ${script}`)
    const { changes } = await stage.compare()
    expect(changes).toMatchObject([{ what: 'ref', name: ref, evidence: { kind: 'commit' } }])
    expect(await stage.standing(changes)).toEqual(changes)
    for (const { before } of changes) raw(stage.path, 'update-ref', ...(before === null ? ['-d', ref] : [ref, before]))
    expect(await stage.standing(changes)).toEqual([])
  })

  test.each([
    ['pulls its commits', (path: string, work: string) => raw(path, 'pull', '-q', '--ff-only', work, 'HEAD')],
    ['fetches them into a branch', (path: string, work: string) => raw(path, 'fetch', '-q', work, 'HEAD:look')],
    ['picks one', (path: string, work: string) => sh(path, 'sh', ['-c', `git fetch -q ${work} HEAD && git cherry-pick FETCH_HEAD >/dev/null`])],
    ['pushes from another clone, and the run takes it in', (path: string, work: string) => sh(path, 'sh', ['-c', `git clone -q . "$0" 2>/dev/null && cd "$0" && git commit -q --allow-empty -m mine && git push -q ${path} HEAD:refs/heads/theirs && cd ${work} && git pull -q --no-rebase --no-edit ${path} theirs`, join(createTempDir(), 'clone')])],
    ['commits, and the run takes it in', (path: string, work: string) => sh(path, 'sh', ['-c', `echo y > b.txt; git commit -qam mine; cd ${work}; git pull -q --no-rebase --no-edit ${path} main; git gc -q`])],
  ])('is none when its human %s', async (_what, human) => {
    const stage = await begin('private')
    stage.act('echo x > a.txt; git commit -qam work')
    human(stage.path, stage.work)
    const { changes } = await stage.compare()
    expect(changes.length).toBeGreaterThan(0)
    expect(changes.every(({ evidence }) => evidence === null)).toBe(true)
  })

  test.each([
    ['fetches its commits there', 'git -C $src fetch -q $PWD HEAD:refs/heads/stolen', 'refs/heads/stolen', 'commit'],
    ['pulls them there', 'git -C $src pull -q --ff-only $PWD HEAD', 'refs/heads/main', 'commit'],
    ['commits there', 'cd $src; echo z > b.txt; git commit -qam evil', 'refs/heads/main', 'command'],
    ['commits there from its own checkout, whose .git it led there', 'echo x > f; rm .git; ln -s $src/.git .git; git add -A; git commit -qm evil', 'refs/heads/main', 'command'],
    ['commits there through a .git that names it', 'echo x > f; echo gitdir: $src/.git > .git; git add -A; git commit -qm evil', 'refs/heads/main', 'command'],
    ['commits there by its environment', 'echo x > f; export GIT_DIR=$src/.git GIT_WORK_TREE=.; git add -A; git commit -qm evil', 'refs/heads/main', 'command'],
    ['commits there by an option', 'echo x > f; git --git-dir=$src/.git --work-tree=. add -A; git --git-dir=$src/.git --work-tree=. commit -qm evil', 'refs/heads/main', 'command'],
    ['resets a branch there', 'git -C $src commit -q --allow-empty -m x; git -C $src reset -q --hard HEAD~1; git -C $src update-ref refs/heads/other HEAD^{tree}^{} 2>/dev/null || git -C $src update-ref -d refs/heads/other', 'refs/heads/other', 'command'],
  ])('is what its own git is seen to do in the source: it %s', async (_what, script, ref, kind) => {
    const stage = await begin('private')
    stage.act(`export ${stage.trace}; echo x > a.txt; git commit -qam work; ${script}`)
    const { changes } = await stage.compare()
    expect(changes.find(({ name }) => name === ref)).toMatchObject({ evidence: { kind } })
    expect(await stage.standing(changes)).toEqual(changes)
  })

  test('is none when the run only looks in the source while its human works, whatever the agent wrote into its trace', async () => {
    const stage = await begin('private')
    stage.act(`export ${stage.trace}; git -C $src log -1 >/dev/null; git -C $src status >/dev/null; git -C $src branch >/dev/null; git -C $src stash list >/dev/null; git add -A; git commit -q --allow-empty -m work; printf '{"event":"cmd_name"\n[]\nnull\n' >> $GIT_TRACE2_EVENT`)
    sh(stage.path, 'sh', ['-c', 'echo y > b.txt; git commit -qam mine; git branch new; git stash drop -q'])
    const { changes } = await stage.compare()
    expect(changes.map(({ evidence }) => evidence)).toEqual([null, null, null])
  })

  test('is no command that failed, moved nothing or moved something else', async () => {
    const stage = await begin('private')
    stage.act(`export ${stage.trace}; cd $src; git pull -q . main; git commit -qm none >/dev/null || true; git add nowhere 2>/dev/null || true; git restore a.txt; git checkout -q -- b.txt; git update-ref refs/heads/main HEAD`)
    sh(stage.path, 'sh', ['-c', 'git switch -q --detach; git switch -q main; echo y > b.txt; git commit -qam mine; echo z > b.txt; git add b.txt'])
    const { changes } = await stage.compare()
    expect(changes.map(({ name, evidence }) => [name, evidence])).toEqual([['refs/heads/main', null], ['b.txt', null]])
  })

  test.each([
    ['commits past the checkout', 'echo x > f; export GIT_DIR=$src/.git GIT_WORK_TREE=.; git add -A; git commit -qm evil', 'refs/heads/main'],
    ['commits a file past the checkout whose name is no UTF-8', String.raw`f=$(printf 'caf\351.txt'); echo x > "$f"; export GIT_DIR=$src/.git GIT_WORK_TREE=.; git add -A; git commit -qm evil`, 'refs/heads/main'],
    ['commits past the checkout and its index', 'echo x > f; export GIT_DIR=$src/.git GIT_WORK_TREE=. GIT_INDEX_FILE=$PWD/../index; git add -A; git commit -qm evil', 'refs/heads/main'],
    ['commits a file of it there, and its human one on top', `echo ${long} > f; cp f $src/f; cd $src; git add f; git commit -qm evil; echo y > b.txt; git commit -qam mine`, 'refs/heads/main'],
    ['commits a file past the checkout whose name is no UTF-8', String.raw`echo x > "$(printf 'caf\351.txt')"; export GIT_DIR=$src/.git GIT_WORK_TREE=.; git add -A; git commit -qm evil`, 'refs/heads/main'],
    ['writes a commit of it into a branch', `echo ${long} > f; export GIT_DIR=$src/.git GIT_WORK_TREE=. GIT_INDEX_FILE=$PWD/../index; git add -A; git update-ref refs/heads/stolen $(git commit-tree -p main -m evil $(git write-tree))`, 'refs/heads/stolen'],
  ])('is the bytes of its round in what is new in a ref, also where its git tells nothing: it %s', async (_what, script, ref) => {
    const stage = await begin('private')
    stage.act(script)
    const { changes, unread } = await stage.compare()
    expect(unread).toBe(null)
    const found = changes.filter(({ what }) => what === 'ref')
    expect(found).toMatchObject([{ name: ref, evidence: { kind: 'bytes' } }])
    expect(await stage.standing(found)).toEqual(found)
    for (const { name, before } of found) raw(stage.path, 'update-ref', ...(before === null ? ['-d', name] : [name, before]))
    expect(await stage.standing(found)).toEqual([])
  })

  test.each([
    ['its human commits of their own', 'git -C $src commit -q --allow-empty -m none; echo y > $src/b.txt; git -C $src commit -qam mine'],
    ['its human commits that is small and alike', 'echo same > f; cp f $src/f; git -C $src add f; git -C $src commit -qm mine'],
    ['its human commits and edits again, elsewhere', 'echo same > f; cp f $src/f; git -C $src add f; git -C $src commit -qm mine; echo y > $src/b.txt'],
    ['its human picks', `echo ${long} > f; git add f; git commit -qm work; git -C $src fetch -q $PWD HEAD; git -C $src cherry-pick FETCH_HEAD >/dev/null`],
    ['its human committed, and the run took in', `echo ${long} > $src/f; git -C $src add f; git -C $src commit -qm mine; git pull -q --ff-only $src main`],
    ['its human committed, and the run took a file of', `echo ${long} > $src/f; git -C $src add f; git -C $src commit -qm mine; git fetch -q $src main; git checkout -q FETCH_HEAD -- f`],
    ['its human pulled with a tag, as somebody else made it', `echo ${long} > f; git clone -q $src ../other; cd ../other; cp $OLDPWD/f f; git add f; git commit -qm theirs; git tag v1; git -C $src pull -q --ff-only --tags $PWD main`],
    ['another run has on its branch', `echo ${long} > f; cp f $src/f; cd $src; git switch -qc signalbox/r0009; git add f; git commit -qm other; git switch -q main`],
    ['its human fetched, as it was pushed', `echo ${long} > f; cp f $src/f; cd $src; git add f; git commit -qm x; git update-ref refs/remotes/origin/x HEAD; git reset -q --hard HEAD~1`],
  ])('is none by what %s', async (_what, script) => {
    const stage = await begin('private')
    stage.act(script)
    const { changes, unread } = await stage.compare()
    expect(unread).toBe(null)
    expect(changes.filter(({ what }) => what === 'ref')).not.toEqual([])
    expect(changes.filter(({ evidence }) => evidence !== null)).toEqual([])
  })

  test.each(['squash', 'merge'])('is none by a commit that landed by %s, also under one of its human', async (strategy) => {
    const stage = await begin('private')
    stage.act(`echo ${long} > f; cp f $src/f`)
    const land = strategy === 'squash' ? 'git add f; git commit -qm landed' : 'git switch -q --detach; git add f; git commit -qm one; one=$(git rev-parse HEAD); git switch -q main; git update-ref refs/heads/main $(git commit-tree -p main -p $one -m landed $one^{tree}); git reset -q --hard'
    sh(stage.path, 'sh', ['-c', `set -e; ${land}; git tag landed; echo y > b.txt; git commit -qam mine`])
    const landed = raw(stage.path, 'rev-parse', 'landed')
    expect((await stage.compare()).changes.find(({ name }) => name === 'refs/heads/main')).toMatchObject({ evidence: { kind: 'bytes' } })
    expect((await stage.compare(landed)).changes.filter(({ evidence }) => evidence !== null)).toEqual([])
  })

  test('is unknown where the refs of what it took in cannot be read', async () => {
    const stage = await begin('private')
    stage.act(`echo ${long} > f; cp f $src/f; git -C $src add f; git -C $src commit -qm evil; echo nothing > "$(git rev-parse --git-common-dir)/refs/heads/broken"`)
    expect(await stage.compare()).toMatchObject({ changes: [{ name: 'refs/heads/main', evidence: null }], unread: expect.stringContaining('refs/heads/broken') })
  })

  test('is not told from a log that says nothing of the move: a plain write after a typed one', async () => {
    const stage = await begin('private')
    stage.act('echo x > a.txt; git commit -qam work; git -C $src branch -f other main; cp -r "$(git rev-parse --git-common-dir)"/objects/?? $src/.git/objects/ 2>/dev/null || true; git rev-parse HEAD > $src/.git/refs/heads/other')
    expect((await stage.compare()).changes).toMatchObject([{ name: 'refs/heads/other', evidence: { kind: 'commit', alone: true } }])
  })

  test('does not call a ref the run’s alone that has a commit of the human', async () => {
    const stage = await begin('private')
    sh(stage.path, 'sh', ['-c', 'git switch -q other; git commit -q --allow-empty -m mine; git switch -q main'])
    stage.act('git pull -q --no-edit $src other; echo x > a.txt; git commit -qam work; git push -q $src HEAD:refs/heads/other HEAD:refs/heads/stolen')
    const { changes } = await stage.compare()
    expect(changes).toMatchObject([{ name: 'refs/heads/other', evidence: { kind: 'commit' } }, { name: 'refs/heads/stolen', evidence: { kind: 'commit' } }])
    expect(changes.map(({ evidence }) => evidence?.kind === 'commit' && evidence.alone)).toEqual([false, false])
  })

  test('is unknown where a pipe or anything else lies for an index of what the run made', async () => {
    for (const lay of ['mkfifo', 'mkdir', 'echo no index >', 'ln -s /dev/zero']) {
      const stage = await begin('private')
      stage.act(`git switch -q --detach; ${lay} "$(git rev-parse --git-common-dir)/objects/pack/x.idx"`)
      raw(stage.path, 'tag', 'mine', raw(stage.path, 'commit-tree', '-m', 'mine', 'HEAD^{tree}'))
      expect(await stage.compare()).toMatchObject({ changes: [{ name: 'refs/tags/mine', evidence: null }], unread: expect.stringContaining('what the run made could not be read') })
    }
  })

  test('is found with a few git processes, however many refs moved', async () => {
    const { env, processes } = countGit()
    const stage = await begin('private', { 'a.txt': 'a\n' }, env)
    stage.act('echo x > a.txt; git commit -qam work; i=0; while [ $i -lt 60 ]; do git tag t$i; i=$((i+1)); done; git push -q $src --tags')
    const before = processes()
    const { changes } = await stage.compare()
    expect(changes.filter(({ evidence }) => evidence?.kind === 'commit')).toHaveLength(60)
    expect(await stage.standing(changes)).toHaveLength(60)
    expect(before).toBeGreaterThan(0)
    expect(processes() - before).toBeLessThan(40)
  })

  test('keeps of a trace no argument, which may be a password', async () => {
    const stage = await begin('private')
    stage.act(`export ${stage.trace}; git -C $src -c http.extraHeader='Authorization: s3cret' commit -q --allow-empty -m evil`)
    expect(sh(stage.state, 'grep', ['-rl', 's3cret', 'runs'])).not.toBe('')
    expect((await stage.compare()).changes).toMatchObject([{ name: 'refs/heads/main', evidence: { kind: 'command', command: 'commit' } }])
    expect(sh(stage.state, 'sh', ['-c', 'grep -rl s3cret . || true'])).toBe('')
    expect((await stage.compare()).changes).toMatchObject([{ evidence: { kind: 'command', command: 'commit' } }])
  })

  test('is a file with the bytes that its round had on disk, where git stores others', async () => {
    const { act, compare } = await begin('private', { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'a\n', 'b.txt': 'b\n' })
    act(String.raw`printf 'new\r\n' > a.txt; cp a.txt $src/a.txt; printf 'other\r\n' > $src/b.txt`)
    expect((await compare()).changes.map(({ name, evidence }) => [name, evidence?.kind ?? null])).toEqual([['a.txt', 'bytes'], ['b.txt', null]])
  })

  test('is a file with the bytes of its round, and no file that is only alike', async () => {
    const stage = await begin('private')
    stage.act('echo x > a.txt; printf "" > empty; echo other > c.txt; ln -s a.txt link; mkdir dir; echo d > dir/d.txt; cp a.txt $src/a.txt; printf "" > $src/empty; echo mine > $src/c.txt; ln -s a.txt $src/link; mkdir $src/dir; cp dir/d.txt $src/dir/d.txt; echo x > $src/elsewhere.txt')
    const { changes } = await stage.compare()
    expect(changes.map(({ name, evidence }) => [name, evidence?.kind ?? null])).toEqual([['a.txt', 'bytes'], ['c.txt', null], ['dir/d.txt', 'bytes'], ['elsewhere.txt', null], ['empty', null], ['link', 'bytes']])
    raw(stage.path, 'restore', 'a.txt')
    expect(named(await stage.standing(changes)).includes('file a.txt')).toBe(false)
  })

  test('is found for a file whose name is no UTF-8 and that its human had edited, and can be taken into the run', async () => {
    const stage = await begin('private')
    sh(stage.path, 'sh', ['-c', String.raw`c=$(printf 'caf\351.txt'); echo base > "$c"; echo base > "$(printf 'caf\352.txt')"; git add -A; git commit -qm base; echo mine > "$c"`])
    const again = await stage.beginAgain()
    again.act(String.raw`c=$(printf 'caf\351.txt'); echo agent > "$c"; echo agent > "$src/$c"; echo x > "$src/$(printf 'caf\352.txt')"`)
    const { changes } = await again.compare()
    expect(changes.map(({ name, evidence }) => [name, evidence?.kind ?? null])).toEqual([[String.raw`"caf\351.txt"`, 'bytes'], [String.raw`"caf\352.txt"`, null]])
    expect(await stage.standing(changes)).toEqual(changes)
    await again.take(changes)
    expect(sh(again.work, 'sh', ['-c', String.raw`cat caf?.txt`])).toBe('agent\nx\n')
  })

  test('is no file the human committed, or had like that before', async () => {
    const path = createRepo({ 'a.txt': 'a\n' })
    writeFiles(path, { 'a.txt': 'before\n' })
    const engine = createGitEngine({ stateDir: createTempDir('state') })
    const source = { repo: repoNameSchema.parse('api'), path }
    const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
    const checkout = { run: runIdSchema.parse('R0007'), source, path: join(createTempDir(), 'api'), isolation: 'private' as const }
    const { fingerprint: before } = await engine.sources.observe(source)
    await engine.workspaces.create(checkout, base, main)
    writeFiles(checkout.path, { 'a.txt': 'before\n', 'new.txt': 'n\n' })
    writeFiles(path, { 'new.txt': 'n\n' })
    raw(path, 'add', 'new.txt')
    raw(path, 'commit', '-qm', 'mine')
    const { changes } = await engine.tripwire.compare(checkout, before, { round: { base, ...(await engine.snapshots.capture(checkout, base, 1)) }, landed: () => Promise.resolve(new Set()) })
    expect(changes.map(({ name, evidence }) => [name, evidence])).toEqual([['refs/heads/main', null]])
  })
})

describe('a linked checkout', () => {
  test('is a worktree of the source on a branch of the run, can be made again after a kill, and goes without its branch', async () => {
    const { path, work, act } = await begin('linked')
    expect(raw(path, 'worktree', 'list')).toContain(work)
    expect(raw(work, 'status', '--porcelain', '--branch')).toBe('## signalbox/r0007')
    act('echo x > a.txt; git commit -qam work')
    expect(raw(path, 'log', '-1', '--format=%s', 'signalbox/r0007')).toBe('work')
    expect(raw(path, 'fsck', '--connectivity-only', '--no-dangling')).toBe('')
  })

  test('is refused where a branch of its name has other work, which stays', async () => {
    const path = createRepo({ 'a.txt': 'a\n' })
    const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
    raw(path, 'switch', '-qc', 'signalbox/r0007')
    writeFiles(path, { 'a.txt': 'mine\n' })
    commitAll(path, 'mine')
    const before = fingerprint(path)
    const engine = createGitEngine({ stateDir: createTempDir('state') })
    const checkout = { run: runIdSchema.parse('R0007'), source: { repo: repoNameSchema.parse('api'), path }, path: join(createTempDir(), 'api'), isolation: 'linked' as const }
    await expect(engine.workspaces.create(checkout, base, main)).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('signalbox/r0007') })
    expect(fingerprint(path)).toEqual(before)
    expect(existsSync(checkout.path)).toBe(false)
  })

  test('is removed with its registration; a half-made one is made anew, one whose branch never moved leaves none', async () => {
    const path = createRepo({ 'a.txt': 'a\n' })
    const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
    const stateDir = createTempDir('state')
    const engine = createGitEngine({ stateDir })
    const checkout = { run: runIdSchema.parse('R0007'), source: { repo: repoNameSchema.parse('api'), path }, path: join(createTempDir(), 'api'), isolation: 'linked' as const }
    await engine.workspaces.create(checkout, base, main)
    const kept = join(stateDir, 'runs/R0007/index-api')
    writeFileSync(`${kept}.half-done`, '')
    sh(path, 'rm', [kept]) // as a kill right before the last step leaves it
    await engine.workspaces.create(checkout, base, main)
    expect(raw(checkout.path, 'status', '--porcelain')).toBe('')
    await engine.workspaces.remove(checkout)
    expect(raw(path, 'worktree', 'list').split('\n')).toHaveLength(1)
    expect(raw(path, 'branch', '--list', 'signalbox/*')).not.toBe('')
    mkdirSync(join(path, '.git/worktrees'), { recursive: true })
    raw(path, 'branch', '-qD', 'signalbox/r0007')
    writeFileSync(join(path, '.git/worktrees/signalbox-r0007'), 'a file in the way')
    await engine.workspaces.create(checkout, base, main)
    expect(readFileSync(join(checkout.path, 'a.txt'), 'utf8')).toBe('a\n')
  })
})
