import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, git, writeFiles } from '@signalbox/testkit'
import { runScriptText } from './script.ts'
import type { World } from './world.ts'

/** Two source repositories of a human who has work of their own in both. */
export interface Shop {
  /** Checked out on `main`, clean; a second worktree on `feature` holds unfinished work. */
  readonly api: string
  readonly apiFeature: string
  /** Checked out on `topic` with unfinished work, so that `main` is checked out nowhere. */
  readonly web: string
}

/** Makes them with plain git. */
export function createShop(world: World): Shop {
  const api = world.source('api', {
    '.gitignore': 'build/\n.env\n',
    'README.md': '# api\n',
    'logo.bin': Buffer.from([0, 1, 2, 255]),
    'src/gone.js': 'export const gone = 1\n',
    'src/old.js': 'export const old = 1\n',
    'src/total.js': 'export const total = (a, b) => a - b\n',
  })
  const apiFeature = leaveHumanTraces(api, join(world.dir, 'api-feature'))
  const web = world.source('web', { 'index.html': '<h1>shop</h1>\n', 'prices.js': 'export const cents = 100\n' })
  git(web, 'switch', '--quiet', '--create', 'topic')
  writeFiles(web, { 'index.html': '<h1>my own draft</h1>\n', 'draft.txt': 'untracked\n', 'staged.txt': 'staged\n' })
  git(web, 'add', 'staged.txt')
  return { api, apiFeature, web }
}

/** Branch, tag, stash, remote, setting, hook, ignored file and a second worktree: everything a landing has no business with. */
function leaveHumanTraces(api: string, worktree: string): string {
  writeFiles(api, { 'README.md': '# api, later\n' })
  git(api, 'stash', '--quiet')
  git(api, 'tag', '-a', 'v1', '-m', 'first release')
  git(api, 'remote', 'add', 'origin', 'https://example.invalid/api.git')
  git(api, 'config', 'alias.st', 'status --short')
  writeFiles(api, { '.env': 'SECRET=1\n', 'build/out.js': 'built\n', '.git/hooks/post-merge': { executable: '#!/bin/sh\necho ran > hook-ran\n' } })
  git(api, 'worktree', 'add', '--quiet', '-b', 'feature', worktree)
  writeFiles(worktree, { 'feature.txt': 'committed\n' })
  commitAll(worktree, 'feature')
  writeFiles(worktree, { 'README.md': '# unstaged\n', 'staged.txt': 'staged\n', 'untracked.txt': 'untracked\n' })
  git(worktree, 'add', 'staged.txt')
  return worktree
}

/**
 * An agent's whole variety of work in both repos: committed, staged, unstaged, untracked, force-added, deleted both ways,
 * renamed, binary, executable, a symlink, a name with blanks and one outside ASCII.
 */
export const agentScript = `
cd api
echo 'export const total = (a, b) => a + b' > src/total.js
git add --all && git commit --quiet --message 'agent: add instead of subtract'
echo 'export const tax = 19' > src/tax.js && git add src/tax.js
echo 'how to add' >> README.md
echo 'a note' > 'my notes.txt'
echo 'über' > 'größe.txt'
mkdir -p build && echo 'dist' > build/dist.js && git add --force build/dist.js
git rm --quiet src/old.js
rm src/gone.js
printf '\\000\\377changed' > logo.bin
printf '#!/bin/sh\\necho ok\\n' > check.sh && chmod +x check.sh
ln -s README.md LIESMICH
cd ../web
git mv prices.js amounts.js
echo 'export const euros = 1' >> amounts.js
`

/**
 * Returns the trees that the agent's work must give, found with plain git alone: clones of the sources in which the same
 * script ran and everything was added.
 */
export function expectedTrees(world: World, shop: Shop): Readonly<Record<'api' | 'web', string>> {
  const twin = join(world.dir, 'twin')
  mkdirSync(twin)
  for (const [name, path] of [['api', shop.api], ['web', shop.web]] as const) {
    git(twin, 'clone', '--quiet', '--branch', 'main', path, name)
  }
  runScriptText(twin, agentScript)
  for (const name of ['api', 'web']) git(join(twin, name), 'add', '--all')
  return { api: git(join(twin, 'api'), 'write-tree'), web: git(join(twin, 'web'), 'write-tree') }
}

/** Commits one file on a branch that the human has checked out in `path`, as they would. */
export function humanCommits(path: string, name: string, text: string): string {
  writeFiles(path, { [name]: text })
  return commitAll(path, `human: ${name}`)
}
