import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git, removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

/** A repository with these files, and a checkout of a run to be made of its head. */
function prepare(files: Files) {
  const path = createRepo(files)
  const engine = createGitEngine({ stateDir: createTempDir('state') })
  const checkout = { run: runIdSchema.parse('R0007'), source: { repo: repoNameSchema.parse('api'), path }, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  const begin = async () => {
    const base = oidSchema.parse(git(path, 'rev-parse', 'HEAD'))
    await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
    return base
  }
  return { path, engine, checkout, begin }
}

describe('files that are brought along', () => {
  it('are those that are named, as they lie in the checkout of their human, and no part of the change', async () => {
    const { path: source, engine, checkout, begin } = prepare({ '.gitignore': '.env\n/deps/\n', 'a.txt': 'a\n' })
    writeFiles(source, { '.env': 'KEY=1\n', '.env.more': 'not named\n', 'deps/lib/index.js': 'x\n' })
    symlinkSync('lib', join(source, 'deps/link'))
    expect(await engine.workspaces.bringFiles(checkout, await begin(), ['.env', 'deps', 'gone.txt'])).toEqual({ brought: ['.env', 'deps'], missing: ['gone.txt'], unignored: [], linked: [] })
    expect(readFileSync(join(checkout.path, '.env'), 'utf8')).toBe('KEY=1\n')
    expect(readFileSync(join(checkout.path, 'deps/link/index.js'), 'utf8')).toBe('x\n')
    expect(existsSync(join(checkout.path, '.env.more'))).toBe(false)
    expect(git(checkout.path, 'status', '--porcelain')).toBe('')
  })

  it('leave out what no file is, such as the pipe of a server that runs there', async () => {
    const { path: source, engine, checkout, begin } = prepare({ '.gitignore': '/cache/\n.env\n', 'a.txt': 'a\n' })
    writeFiles(source, { 'cache/kept': 'x\n' })
    execFileSync('mkfifo', [join(source, 'cache/pipe'), join(source, '.env')])
    expect(await engine.workspaces.bringFiles(checkout, await begin(), ['cache', '.env'])).toMatchObject({ brought: ['cache'], missing: ['.env'] })
    expect(readFileSync(join(checkout.path, 'cache/kept'), 'utf8')).toBe('x\n')
    expect(existsSync(join(checkout.path, 'cache/pipe'))).toBe(false)
  })

  it.each([
    ['git does not ignore there', 'notes.txt', 'unignored'],
    ['is tracked, though a pattern names it', 'kept.log', 'unignored'],
    ['is a link', 'link.env', 'linked'],
    ['lies behind one', 'via/secret', 'linked'],
  ] as const)('are none at all where one of them %s', async (_name, path, kind) => {
    const { path: source, engine, checkout, begin } = prepare({ '.gitignore': '*.log\n*.env\n/via\n/dir\n', 'a.txt': 'a\n' })
    writeFiles(source, { 'kept.log': 'kept\n' })
    git(source, 'add', '--force', 'kept.log')
    commitAll(source, 'keep a log')
    writeFiles(source, { 'good.env': 'x\n', 'notes.txt': 'mine\n', 'dir/secret': 's\n' })
    symlinkSync('/etc/hostname', join(source, 'link.env'))
    symlinkSync('dir', join(source, 'via'))
    const result = await engine.workspaces.bringFiles(checkout, await begin(), ['good.env', path])
    expect(result).toMatchObject({ brought: [], [kind]: [path] })
    expect(existsSync(join(checkout.path, 'good.env'))).toBe(false)
  })
})
