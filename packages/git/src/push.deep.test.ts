import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, type Oid } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { redactAddress, showAddress, splitAddress } from './address.ts'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const [main, topic] = [branchNameSchema.parse('main'), branchNameSchema.parse('topic')]

/** A source whose `main` is on a bare remote, and a commit on top of it that lies on no branch. */
function start() {
  const dir = createTempDir()
  const path = createRepo({ 'a.txt': 'a\n' }, { path: join(dir, 'source') })
  const bare = join(dir, 'remote.git')
  run(dir, 'git', ['clone', '--quiet', '--bare', path, bare])
  raw(path, 'remote', 'add', 'origin', bare)
  const base = oidSchema.parse(raw(path, 'rev-parse', 'main'))
  const to = oidSchema.parse(raw(path, 'commit-tree', '-p', base, '-m', 'change', `${base}^{tree}`))
  const home = join(dir, 'home')
  writeFiles(home, { '.gitconfig': '' })
  const { remotes } = createGitEngine({ stateDir: createTempDir('state'), env: { PATH: process.env['PATH'] ?? '', HOME: home } })
  const source = { repo: repoNameSchema.parse('api'), path }
  const request = { source, remote: 'origin', branch: topic, target: main, base }
  const tree = oidSchema.parse(raw(path, 'rev-parse', `${base}^{tree}`))
  const task = { source, remote: 'origin', branch: topic, from: undefined, to, approved: { base, tree } }
  const headThere = (branch = 'topic'): string => raw(bare, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`)
  return { dir, home, path, bare, base, to, remotes, source, request, task, headThere }
}

function hook(repo: string, name: string, script: string): void {
  writeFiles(repo, { [`hooks/${name}`]: { executable: `#!/bin/sh\n${script}\n` } })
}

const because = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

describe('a remote that is looked at', () => {
  test('says its branch, the target there, and that it has the base', async () => {
    const { base, bare, remotes, request } = start()
    const before = fingerprint(bare)
    expect(await remotes.read(request)).toEqual({ url: bare, head: undefined, targetHead: base, hasBase: 'yes' })
    expect(await remotes.read({ ...request, branch: main })).toMatchObject({ head: base })
    expect(fingerprint(bare)).toEqual(before)
  })

  test('does not have what was only committed here, and whether it has what it grew beyond is known after a fetch', async () => {
    const { dir, path, bare, base, remotes, request } = start()
    const mine = oidSchema.parse((writeFiles(path, { 'b.txt': 'b\n' }), commitAll(path, 'mine')))
    expect(await remotes.read({ ...request, base: mine })).toMatchObject({ hasBase: 'no' })
    const other = join(dir, 'other')
    run(dir, 'git', ['clone', '--quiet', bare, other])
    writeFiles(other, { 'c.txt': 'c\n' })
    commitAll(other, 'theirs')
    raw(other, 'push', '--quiet', 'origin', 'main')
    expect(await remotes.read({ ...request, base: mine })).toMatchObject({ hasBase: 'unknown' })
    expect(await remotes.read(request)).toMatchObject({ hasBase: 'unknown' })
    raw(path, 'fetch', '--quiet', 'origin')
    expect(await remotes.read(request)).toMatchObject({ hasBase: 'yes' })
    expect(await remotes.read({ ...request, base: mine })).toMatchObject({ hasBase: 'no' })
    expect(base).not.toBe(mine)
  })

  test('is named when it is not there, has several addresses, or does not answer', async () => {
    const { path, remotes, request } = start()
    expect(await because(remotes.read({ ...request, remote: 'upstream' }))).toMatchObject({ code: 'remote.not_found', message: 'api has no remote upstream', hint: expect.stringContaining('origin') })
    raw(path, 'remote', 'set-url', '--push', '--add', 'origin', '/one')
    raw(path, 'remote', 'set-url', '--push', '--add', 'origin', '/two')
    expect(await because(remotes.read(request))).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining('2 addresses') })
    raw(path, 'config', '--unset-all', 'remote.origin.pushurl')
    raw(path, 'remote', 'set-url', 'origin', '/nowhere.git')
    expect(await because(remotes.read(request))).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining('/nowhere.git') })
  })

  test('is never spoken of with the credentials in its address', async () => {
    const { path, remotes, request } = start()
    raw(path, 'remote', 'set-url', 'origin', 'https://ada:s3cret-t0ken@127.0.0.1:1/api.git')
    const error = await because(remotes.read(request))
    expect(error).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining('(https://127.0.0.1:1/api.git)') })
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('s3cret-t0ken')
  })
})

describe('a login in an address', () => {
  /** A git that says what it was started with instead of asking a remote, and what git's helpers would log in with. */
  function startWatched() {
    const { dir, path, home, request } = start()
    const real = run(dir, 'sh', ['-c', 'command -v git']).trim()
    const script = [
      `case "$1 $2" in`,
      `"--exec-path ") echo ${dir}/libexec/git-core;;`,
      `"ls-remote --quiet") printf '%s\\n' "$@" > ${dir}/args; env > ${dir}/env; printf 'protocol=https\\nhost=example.org\\n\\n' | ${real} credential fill > ${dir}/login; exit 1;;`,
      `*) exec ${real} "$@";;`,
      'esac',
    ]
    writeFiles(dir, { 'bin/git': { executable: `#!/bin/sh\n${script.join('\n')}\n` }, 'libexec/git-core': { link: raw(path, '--exec-path') } })
    const { remotes } = createGitEngine({ stateDir: createTempDir('state'), env: { PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: home } })
    return { path, remotes, request, read: (name: string) => readFileSync(join(dir, name), 'utf8') }
  }

  test('is on no command line and in no address that git is given, and still logs in', async () => {
    const { path, remotes, request, read } = startWatched()
    raw(path, 'remote', 'set-url', 'origin', 'https://ada:s3cret%2Ft0ken@example.org/api.git')
    await because(remotes.read(request))
    expect(read('login')).toMatch(/^username=ada\npassword=s3cret\/t0ken$/m)
    expect(read('args')).not.toContain('t0ken')
    expect(read('env').split('\n').filter((line) => line.includes('t0ken'))).toEqual(['SIGNALBOX_REMOTE_PASSWORD=s3cret/t0ken'])
  })

  test('may come from `insteadOf`', async () => {
    const { path, remotes, request, read } = startWatched()
    raw(path, 'remote', 'set-url', 'origin', 'https://example.org/api.git')
    raw(path, 'config', 'url.https://ada:s3cret-t0ken@example.org/.insteadOf', 'https://example.org/')
    await because(remotes.read(request))
    expect(read('login')).toMatch(/^username=ada\npassword=s3cret-t0ken$/m)
  })
})

describe('a push', () => {
  test('makes a branch, takes one forward, and does nothing where the commit is already', async () => {
    const { path, base, to, remotes, task, headThere } = start()
    const before = fingerprint(path)
    expect(await remotes.push(task)).toEqual({ pushed: true })
    expect(headThere()).toBe(to)
    expect(await remotes.push({ ...task, branch: main, from: base })).toEqual({ pushed: true })
    expect(headThere('main')).toBe(to)
    expect(await remotes.push(task)).toEqual({ pushed: true })
    // Neither a branch that follows the remote nor anything else of the human's moves here.
    expect(fingerprint(path)).toEqual(before)
  })

  test('replaces nothing, whatever it was told to be there', async () => {
    const { path, bare, base, to, remotes, task, headThere } = start()
    const theirs = raw(path, 'commit-tree', '-p', base, '-m', 'theirs', `${base}^{tree}`)
    raw(path, 'push', '--quiet', bare, `${theirs}:refs/heads/topic`)
    for (const from of [undefined, base, to]) expect(await remotes.push({ ...task, from })).toMatchObject({ pushed: false, because: expect.stringContaining('not any more where it was seen') })
    expect(headThere()).toBe(theirs)
  })

  test('brings the commits that are kept, with one on top or none, and nothing that is not among them', async () => {
    const { path, base, remotes, task, headThere } = start()
    const { tree } = task.approved
    // Each is another one, though all are made in one second.
    let count = 0
    const make = (onto: string, what: string = tree): Oid => oidSchema.parse(raw(path, 'commit-tree', '-p', onto, '-m', `kept ${(count += 1)}`, what))
    const other = raw(path, 'mktree', '--missing')
    const one = make(base, other)
    const [two, foreign] = [make(one), make(base)]
    const approved = { base, tree, commits: [one, two] }
    for (const to of [one, foreign, make(foreign), make(two, other), make(make(two)), make(one), oidSchema.parse(raw(path, 'commit-tree', '-p', two, '-p', make(two), '-m', 'merged', tree))]) expect(await remotes.push({ ...task, to, approved }), to).toMatchObject({ pushed: false, because: expect.stringContaining('not what was approved') })
    expect(await remotes.push({ ...task, to: two, approved: { ...approved, commits: [two] } })).toMatchObject({ pushed: false })
    expect(headThere()).toBe('')
    expect(await remotes.push({ ...task, to: two, approved })).toEqual({ pushed: true })
    expect(await remotes.push({ ...task, branch: branchNameSchema.parse('more'), to: make(two), approved })).toEqual({ pushed: true })
  })

  test('is refused where the commit is not what was approved, or brings along what is not', async () => {
    const { path, base, remotes, task, headThere } = start()
    writeFiles(path, { 'b.txt': 'b\n' })
    const other = oidSchema.parse(commitAll(path, 'not approved'))
    const made = (...parents: readonly string[]) => oidSchema.parse(raw(path, 'commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', 'forged', task.approved.tree))
    for (const to of [other, base, made(other), made(base, other), made(other, base)]) expect(await remotes.push({ ...task, to })).toMatchObject({ pushed: false, because: expect.stringContaining('not what was approved') })
    expect(headThere()).toBe('')
    expect(await remotes.push({ ...task, to: made(base, made(base)) })).toEqual({ pushed: true })
  })

  test('takes along no commit that the remote lost since it was looked at', async () => {
    const { path, base, remotes, request, task, headThere } = start()
    writeFiles(path, { 'b.txt': 'b\n' })
    const mine = oidSchema.parse(commitAll(path, 'mine'))
    raw(path, 'push', '--quiet', 'origin', 'main')
    expect(await remotes.read({ ...request, base: mine })).toMatchObject({ hasBase: 'yes' })
    raw(path, 'push', '--quiet', '--force', 'origin', `${base}:refs/heads/main`)
    const tree = oidSchema.parse(raw(path, 'rev-parse', `${mine}^{tree}`))
    const to = oidSchema.parse(raw(path, 'commit-tree', '-p', mine, '-m', 'change', tree))
    expect(await remotes.push({ ...task, to, approved: { base: mine, tree } })).toMatchObject({ pushed: false, because: expect.stringContaining(mine.slice(0, 10)) })
    expect(headThere()).toBe('')
  })

  test('says in the words of the remote why it refused', async () => {
    const { bare, remotes, task, headThere } = start()
    hook(bare, 'pre-receive', 'echo "only on fridays" >&2; exit 1')
    expect(await remotes.push(task)).toEqual({ pushed: false, because: '[remote rejected] (pre-receive hook declined); only on fridays' })
    expect(headThere()).toBe('')
  })

  test('believes no remote that says yes and does otherwise', async () => {
    const { bare, base, remotes, task } = start()
    hook(bare, 'post-receive', `git update-ref refs/heads/topic ${base}`)
    expect(await remotes.push(task)).toMatchObject({ pushed: false, because: expect.stringContaining(base.slice(0, 10)) })
  })

  test('takes along no tag, mirrors nothing, and asks no program that the source names for its remote', async () => {
    const { dir, path, bare, remotes, task } = start()
    const ran = join(dir, 'ran')
    raw(path, 'tag', '-a', 'v1', '-m', 'v1', task.to)
    raw(path, 'branch', 'private')
    for (const [name, value] of Object.entries({ 'push.followTags': 'true', 'push.gpgSign': 'true', 'remote.origin.mirror': 'true', 'remote.origin.receivepack': `touch ${ran}; git-receive-pack`, 'remote.origin.uploadpack': `touch ${ran}; git-upload-pack`, 'remote.origin.push': '+refs/*:refs/*', 'core.fsmonitor': `touch ${ran}` })) raw(path, 'config', name, value)
    hook(join(path, '.git'), 'pre-push', `touch ${ran}; exit 1`)
    expect(await remotes.push(task)).toEqual({ pushed: true })
    expect(raw(bare, 'for-each-ref', '--format=%(refname)').split('\n')).toEqual(['refs/heads/main', 'refs/heads/topic'])
    expect(existsSync(ran)).toBe(false)
  })

  test('runs ssh as the human set it for all of theirs, and as no repository sets it', async () => {
    const { dir, home, path, remotes, request } = start()
    const ran = join(dir, 'ran')
    raw(path, 'remote', 'set-url', 'origin', 'ssh://git@example.invalid/api.git')
    raw(path, 'config', 'core.sshCommand', `touch ${ran}.repo; false`)
    expect(await because(remotes.read(request))).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining('core.sshcommand'), hint: expect.stringContaining('--global') })
    raw(path, 'config', '--unset', 'core.sshCommand')
    writeFiles(home, { '.gitconfig': `[core]\n\tsshCommand = "touch ${ran}.home; false"\n` })
    expect(await because(remotes.read(request))).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining('ssh://git@example.invalid/api.git') })
    expect([existsSync(`${ran}.repo`), existsSync(`${ran}.home`)]).toEqual([false, true])
  })

  test.each<readonly [string, string]>([
    ['behind a line end', '[core]\n\tsshCommand = "\\n TOUCH"\n'],
    ['in a file for just that address', '[includeIf "hasconfig:remote.*.url:ssh://git@example.invalid/**"]\n\tpath = more\n'],
  ])('runs no program that a repository names %s', async (_name, config) => {
    const { dir, path, remotes, request } = start()
    const ran = join(dir, 'ran')
    raw(path, 'remote', 'set-url', 'origin', 'forge:api')
    writeFiles(path, { '.git/more': `[core]\n\tsshCommand = touch ${ran}; false\n` })
    appendFileSync(join(path, '.git/config'), `[url "ssh://git@example.invalid/"]\n\tinsteadOf = forge:\n${config.replace('TOUCH', `touch ${ran} #`)}`)
    const error = await because(remotes.read(request))
    expect(existsSync(ran)).toBe(false)
    expect(error).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining('core.sshcommand') })
  })

  test.each(['http.proxy', 'http.https://127.0.0.1:1/.sslVerify', 'http.extraHeader', 'http.curloptResolve', 'http.cookieFile', 'http.delegation'])('is not led by %s of a repository to where a login could be read', async (name) => {
    const { path, remotes, request } = start()
    raw(path, 'remote', 'set-url', 'origin', 'https://127.0.0.1:1/api.git')
    raw(path, 'config', name, 'http://127.0.0.1:2')
    expect(await because(remotes.read(request))).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining(name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())) })
  })

  test('may be reached as fast as a repository says', async () => {
    const { path, bare, remotes, request } = start()
    raw(path, 'config', 'http.https://example.org/.postBuffer', '1m')
    expect(await remotes.read(request)).toMatchObject({ url: bare })
  })

  test('tells the remote nothing that a repository would have it told', async () => {
    const { dir, path, bare, remotes, task } = start()
    raw(bare, 'config', 'receive.advertisePushOptions', 'true')
    hook(bare, 'pre-receive', `echo "$GIT_PUSH_OPTION_COUNT" > ${dir}/options`)
    raw(path, 'config', 'push.pushOption', 'merge_request.create')
    expect(await remotes.push(task)).toEqual({ pushed: true })
    expect(readFileSync(join(dir, 'options'), 'utf8').trim()).toMatch(/^0?$/)
  })

  test('goes where `insteadOf` leads, says so, and never by a way that is not allowed', async () => {
    const { dir, path, bare, to, remotes, request, task, headThere } = start()
    raw(path, 'remote', 'set-url', 'origin', 'forge:api')
    raw(path, 'config', `url.${bare}.insteadOf`, 'forge:api')
    expect(await remotes.read(request)).toMatchObject({ url: bare })
    expect(await remotes.push(task)).toEqual({ pushed: true })
    expect(headThere()).toBe(to)
    raw(path, 'config', '--unset', `url.${bare}.insteadOf`)
    raw(path, 'config', `url.ext::touch ${dir}/ran; .insteadOf`, 'forge:')
    expect(await because(remotes.read(request))).toMatchObject({ code: 'remote.unreachable', message: expect.stringContaining("'ext' not allowed") })
    expect(existsSync(join(dir, 'ran'))).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    ['https://ada:t0ken@example.org/a.git', 'https://example.org/a.git'],
    ['https://ghp_t0ken@example.org/a.git?private_token=t0ken#x', 'https://example.org/a.git'],
    ['https://a:b@c@example.org/a.git', 'https://example.org/a.git'],
    ['https://ada:t0/k?en@example.org/a.git', 'https://example.org/a.git'],
    ['https://[::1]:8443/a@b.git', 'https://[::1]:8443/a@b.git'],
    ['https://example.org:8443/a@b.git', 'https://example.org:8443/a@b.git'],
    ['ssh://git:t0ken@example.org/a.git', 'ssh://git@example.org/a.git'],
    ['git@example.org:ada/a.git', 'git@example.org:ada/a.git'],
    ['/srv/a@b/c?.git', '/srv/a@b/c?.git'],
  ])('%s is shown as %s', (address, shown) => expect(showAddress(address)).toBe(shown))

  test.each([
    ['https://ada:p%40ss:w@h/x', { address: 'https://h/x', user: 'ada', password: 'p@ss:w' }],
    ['https://t0ken@h/x', { address: 'https://h/x', user: 't0ken', password: undefined }],
    ['https://ada:p/w@h/x', { address: 'https://h/x', user: 'ada', password: 'p/w' }],
    ['https://h/x@y', { address: 'https://h/x@y', user: undefined, password: undefined }],
    ['ssh://git@h/x', { address: 'ssh://git@h/x', user: undefined, password: undefined }],
  ])('%s is split from its login', (address, split) => expect(splitAddress(address)).toEqual(split))

  test('leaves no credential of it in what others say, in any spelling', () => {
    const said = redactAddress('fatal: https://ada:p%40ssw0rd-long@h/x failed, for p@ssw0rd-long and https://other:secret@y/z', 'https://ada:p%40ssw0rd-long@h/x')
    expect(said).toBe('fatal: https://h/x failed, for … and https://y/z')
  })
})

describe('a pull request', () => {
  /** A stand-in for `gh` that keeps what it was given and answers from files. */
  function startForge(list: string, created = 'https://example.org/api/pull/7', exit = 0) {
    const { dir, source, to: commit } = start()
    const bin = join(dir, 'bin')
    const calls = join(dir, 'calls')
    writeFiles(dir, { 'list.json': list.replaceAll('COMMIT', commit), 'bin/gh': { executable: `#!/bin/sh\nprintf '%s\\0' "$@" >> ${calls}\nprintf '\\n' >> ${calls}\ncase "$2" in list) cat ${dir}/list.json;; create) cat > ${dir}/body; env > ${dir}/env; echo '${created}'; echo 'gh: no luck at https://ada:t0ken-t0ken@example.org' >&2; exit ${exit};; esac\n` } })
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: dir, GIT_DIR: '/elsewhere', GH_REPO: 'else/where', SIGNALBOX_STATE: '/state', GH_TOKEN: 'theirs' }
    const { remotes } = createGitEngine({ stateDir: createTempDir('state'), env })
    const read = (name: string): string => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '')
    return { remotes, source, commit, calls: () => read('calls').split('\n').filter((line) => line !== '').map((line) => line.split('\0').slice(0, -1)), body: () => read('body'), env: () => read('env') }
  }
  const open = ({ remotes, source, commit }: Pick<ReturnType<typeof start>, 'remotes' | 'source'> & { readonly commit: Oid }): Promise<unknown> =>
    because(remotes.openPullRequest({ source, head: topic, commit, base: main, title: '--web $(touch x) `y`', body: 'Body\n@all\n' }))

  test('is opened by arguments and input alone, with the human’s login and nothing that answers for another repository', async () => {
    const forge = startForge('[]')
    expect(await open(forge)).toBe('https://example.org/api/pull/7')
    expect(forge.calls()).toEqual([
      ['pr', 'list', '--head', 'topic', '--base', 'main', '--json', 'url,headRefOid'],
      ['pr', 'create', '--head', 'topic', '--base', 'main', '--title', '--web $(touch x) `y`', '--body-file', '-'],
    ])
    expect(forge.body()).toBe('Body\n@all\n')
    expect(forge.env()).toMatch(/^GH_TOKEN=theirs$/m)
    expect(forge.env()).not.toMatch(/else\/?where|SIGNALBOX_STATE/)
  })

  test('is the one there is already', async () => {
    const forge = startForge('[{"url":"https://example.org/api/pull/9","headRefOid":"0123456789012345678901234567890123456789"},{"url":"https://ada:t0ken-t0ken@example.org/api/pull/3","headRefOid":"COMMIT"}]')
    expect(await open(forge)).toBe('https://example.org/api/pull/3')
    expect(forge.calls()).toHaveLength(1)
  })

  test('is not that of another commit: in somebody else’s copy a branch may have the same name', async () => {
    const forge = startForge('[{"url":"https://example.org/api/pull/9","headRefOid":"0123456789012345678901234567890123456789"}]')
    expect(await open(forge)).toBe('https://example.org/api/pull/7')
  })

  test.each([
    ['it answers nonsense', startForge('<html>'), 'forge.failed'],
    ['it fails', startForge('[]', '', 1), 'forge.failed'],
    ['it names no address', startForge('[]', 'done'), 'forge.failed'],
    ['it names another kind of address', startForge('[]', 'javascript:alert(1)'), 'forge.failed'],
  ])('is none where %s, and no credential is told', async (_name, forge, code) => {
    const error = await open(forge)
    expect(error).toMatchObject({ code, hint: expect.stringContaining('--pr') })
    expect(JSON.stringify(error) + String(error)).not.toContain('t0ken-t0ken')
  })

  test('is none without the program', async () => {
    const { source, to: commit } = start()
    const { remotes } = createGitEngine({ stateDir: createTempDir('state'), env: { PATH: '/nonexistent' } })
    expect(await open({ remotes, source, commit })).toMatchObject({ code: 'forge.not_found', hint: expect.stringContaining('Install gh') })
  })
})
