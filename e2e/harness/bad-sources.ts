import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, git, run } from '@signalbox/testkit'
import type { World } from './world.ts'

/** Folders that must not become sources, by what is wrong with them. Made with plain git in the world's folder. */
export function makeBadSources(world: World): Readonly<Record<string, string>> {
  const at = (name: string): string => join(world.dir, 'bad', name)
  mkdirSync(join(world.dir, 'bad'))
  mkdirSync(at('folder'))
  writeFileSync(at('file'), 'text')
  const full = createRepo({ a: '1', b: '2' }, { path: at('full') })
  git(full, 'commit', '--quiet', '--allow-empty', '-m', 'second')
  git(full, 'config', 'uploadpack.allowFilter', 'true')
  git(world.dir, 'clone', '--quiet', '--bare', full, at('bare'))
  git(world.dir, 'init', '--quiet', '--initial-branch=main', at('unborn'))
  clone(world.dir, ['--depth', '1'], full, at('shallow'))
  clone(world.dir, ['--filter=blob:none'], full, at('partial'))
  for (const [name, folder] of [['lfs', ''], ['filter', 'sub/']] as const) {
    const path = createRepo({ [`${folder}.gitattributes`]: '*.psd filter=lfs diff=lfs merge=lfs -text\n' }, { path: at(name) })
    git(path, 'config', 'filter.lfs.clean', 'git-lfs clean -- %f')
  }
  createRepo({ a: '1' }, { path: at('two\nlines') })
  git(join(world.dir, 'api'), 'worktree', 'add', '--quiet', '--detach', at('twin'))
  git(createRepo({ a: '1' }, { path: at('apart') }), 'init', '--quiet', `--separate-git-dir=${at('apart.git')}`)
  git(at('apart'), 'worktree', 'add', '--quiet', '--detach', at('lost'))
  return Object.fromEntries(['folder', 'file', 'bare', 'unborn', 'shallow', 'partial', 'lfs', 'filter', 'two\nlines', 'twin', 'lost'].map((name) => [name, at(name)]))
}

/** Clones through the file protocol: a plain path would copy everything, whatever was asked for. */
function clone(cwd: string, flags: readonly string[], from: string, to: string): void {
  run(cwd, 'git', ['-c', 'protocol.file.allow=always', 'clone', '--quiet', '--no-local', ...flags, `file://${from}`, to])
}

/** Writes a stand-in for git of another version and returns a PATH that has nothing else. */
export function makeOldGit(world: World, version: string): string {
  const folder = join(world.dir, 'old-git', 'bin')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'git'), `#!/bin/sh\ncase "$1" in --exec-path) echo ${folder};; *) echo "git version ${version}";; esac\n`, { mode: 0o755 })
  return folder
}
