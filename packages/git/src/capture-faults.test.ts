import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

/** `npm run test:crash` kills more. */
const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 6)

afterAll(removeTempDirs)

/** A git on PATH that runs `before` (shell; `$1` is the command) and then the real one. */
function wrapGit(before: string): { readonly PATH: string } {
  const root = createTempDir('wrapper')
  mkdirSync(join(root, 'libexec/git-core'), { recursive: true })
  mkdirSync(join(root, 'bin'))
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  const script = `#!/bin/sh\n[ "$1" = --exec-path ] && echo ${root}/libexec/git-core && exit\nexport GIT_EXEC_PATH=${raw('/', '--exec-path')}\n${before}\nexec ${real} "$@"\n`
  writeFileSync(join(root, 'bin/git'), script)
  chmodSync(join(root, 'bin/git'), 0o755)
  return { PATH: `${root}/bin:${process.env['PATH'] ?? ''}` }
}

async function startRun() {
  const path = createRepo({ 'a.txt': 'a\n', 'dir/b.txt': 'b\n' })
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run: runIdSchema.parse('R0003'), source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  const vault = join(stateDir, 'vaults', 'api.git')
  const snapshots = (): string => raw(vault, '--git-dir', vault, 'for-each-ref', '--format=%(refname:lstrip=4) %(objectname)', 'refs/signalbox/runs')
  return { stateDir, engine, source, base, checkout, work: checkout.path, vault, snapshots }
}

describe('a capture', () => {
  test('fails when git dies at any of its calls, and saves nothing', async () => {
    const { stateDir, engine, base, checkout, work, snapshots } = await startRun()
    writeFiles(work, { 'a.txt': 'one\n' })
    const first = await engine.snapshots.capture(checkout, base, 1)
    writeFiles(work, { 'a.txt': 'two\n', 'new.txt': 'n\n' })
    raw(work, 'commit', '--quiet', '--all', '-m', 'mine')
    let failures = 0
    for (let fatal = 1; ; fatal += 1) {
      // Each call takes the next number; that git is asked its version first is no call of the capture.
      const calls = createTempDir('calls')
      const env = { ...process.env, ...wrapGit(`[ "$1" = --version ] || { n=1; while ! mkdir ${calls}/$n 2> /dev/null; do n=$((n + 1)); done; [ $n -eq ${fatal} ] && kill -9 $$; }`) }
      const broken = createGitEngine({ stateDir, env })
      const result = await broken.snapshots.capture(checkout, base, 2).catch((error: unknown) => error)
      if (!(result instanceof Error)) break
      failures += 1
      expect(result).toMatchObject({ code: 'git.command_failed' })
      expect(snapshots()).toBe(`s1 ${first.commit}`)
    }
    expect(failures).toBeGreaterThanOrEqual(6)
    expect(snapshots()).toMatch(new RegExp(`^s1 ${first.commit}\ns2 \\w+\ns2-head \\w+$`))
    expect(readdirSync(join(stateDir, 'git-work'))).toEqual([])
  })

  test('fails rather than save a checkout that does not hold still', async () => {
    const { stateDir, engine, base, checkout, work, snapshots } = await startRun()
    const env = { ...process.env, ...wrapGit(`[ "$1" = add ] && echo again >> ${work}/a.txt`) }
    const restless = createGitEngine({ stateDir, env })
    await expect(restless.snapshots.capture(checkout, base, 1)).rejects.toMatchObject({ code: 'git.command_failed', message: expect.stringContaining('changed while it was saved') })
    expect(snapshots()).toBe('')
    await expect(engine.snapshots.capture(checkout, base, 1)).resolves.toMatchObject({ files: 1, insertions: 6 - 1 })
  })

  test('takes a change between two looks into account', async () => {
    const { stateDir, base, checkout, work, vault } = await startRun()
    const looks = createTempDir('looks')
    const env = { ...process.env, ...wrapGit(`[ "$1" = add ] && { mkdir ${looks}/1 2> /dev/null || { mkdir ${looks}/2 2> /dev/null && echo late > ${work}/a.txt; }; }`) }
    const { tree } = await createGitEngine({ stateDir, env }).snapshots.capture(checkout, base, 1)
    expect(raw(vault, '--git-dir', vault, 'show', `${tree}:a.txt`)).toBe('late')
  })

  test('can be taken again after a kill at any moment, and the one before stands', { timeout: 60_000 + kills * 30_000 }, async () => {
    const { stateDir, engine, base, checkout, work, source, snapshots } = await startRun()
    const files: Record<string, string> = {}
    for (let index = 0; index < 100; index += 1) files[`many/${index}.txt`] = `${index}\n`
    writeFiles(work, files)
    const first = await engine.snapshots.capture(checkout, base, 1)
    const script = `
      import { createGitEngine } from ${JSON.stringify(join(import.meta.dirname, 'git-engine.ts'))}
      import { writeFileSync } from 'node:fs'
      const engine = createGitEngine({ stateDir: ${JSON.stringify(stateDir)} })
      process.stdout.write('ready\\n')
      for (let round = 0; ; round += 1) {
        for (let index = 0; index < 100; index += 7) writeFileSync(${JSON.stringify(work)} + '/many/' + index + '.txt', 'round ' + round)
        await engine.snapshots.capture(${JSON.stringify(checkout)}, ${JSON.stringify(base)}, 2)
      }`
    for (let round = 0; round < kills; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await sleep((round * 23) % 211) // the moment of the kill is what varies
      child.kill('SIGKILL')
      await once(child, 'exit')
      const again = await engine.snapshots.capture(checkout, base, 2)
      expect(await engine.snapshots.changedSince(checkout, again)).toEqual([])
      expect(await engine.snapshots.isReadable(source, base, again.commit)).toBe(true)
      expect(snapshots()).toBe(`s1 ${first.commit}\ns2 ${again.commit}`)
    }
    expect(run(stateDir, 'find', ['.', '-name', '*.lock'])).toBe('')
    expect(readdirSync(join(stateDir, 'git-work'))).toEqual([])
  })

  test('leaves a full disk as it was found', async () => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/dev/shm')) return
    const small = createTempDir('small')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small])
    try {
      const path = createRepo({ 'a.txt': 'a\n' })
      const engine = createGitEngine({ stateDir: join(small, 'state') })
      const source = { repo: repoNameSchema.parse('api'), path }
      const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
      const checkout = { run: runIdSchema.parse('R0003'), source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
      await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
      const first = await engine.snapshots.capture(checkout, base, 1)
      const killed = join(small, 'state/vaults/api.git/objects/tmp_objdir-bulk-fsync-killed')
      mkdirSync(join(killed, 'ab'), { recursive: true })
      writeFileSync(join(checkout.path, 'large.bin'), execFileSync('head', ['-c', '6000000', '/dev/urandom'], { maxBuffer: 1e8 }))
      await expect(engine.snapshots.capture(checkout, base, 2)).rejects.toMatchObject({ code: 'disk.full', message: expect.stringContaining('no room left') })
      expect([existsSync(killed), await engine.snapshots.isReadable(source, base, first.commit)]).toEqual([false, true])
      rmSync(join(checkout.path, 'large.bin'))
      await expect(engine.snapshots.capture(checkout, base, 2)).resolves.toMatchObject({ files: 0, missing: [] })
      expect(readFileSync(join(small, 'state/vaults/api.git/refs/signalbox/runs/R0003/s2'), 'utf8')).toMatch(/^\w+\n$/)
    } finally {
      execFileSync('umount', [small])
    }
  })
})
