import type { RepoView } from '@signalbox/core'
import type { Look } from './look.ts'
import { table } from './table.ts'
import { blocks, fields } from './text-parts.ts'
import { visible } from './untrusted.ts'

/** Returns registered repos as a table. */
export function repoListText(repos: readonly RepoView[], look: Look): string {
  return table(
    repos,
    [
      { title: 'REPO', text: ({ name }) => name, dress: look.ink.bold },
      { title: 'BASE', text: ({ baseBranch }) => visible(baseBranch) },
      { title: 'CHECKS', text: ({ checks }) => Object.keys(checks).join(', ') },
      { title: 'PATH', text: ({ path }) => pathText(path) },
    ],
    look,
  )
}

/** Returns one registered repo with its set-up and checks. */
export function repoText(repo: RepoView, { ink }: Look): string {
  const facts = fields(
    [
      ['Path', pathText(repo.path)],
      ['Base', visible(repo.baseBranch)],
      ['Files', repo.files.map(visible).join('\n') || undefined],
      ['Set-up', repo.setup.map(visible).join('\n') || undefined],
      ['Checks', Object.entries(repo.checks).map(([name, command]) => `${name}: ${visible(command)}`).join('\n') || 'none: nothing is run before a merge'],
      ['Filters', repo.filters.map(({ name, digest }) => `${name} (${digest.slice(0, 12)}) may run here`).join('\n') || undefined],
    ],
    ink.dim,
  )
  return blocks(ink.bold(repo.name), facts)
}

function pathText(path: string | null): string {
  return path === null ? 'not on this machine' : visible(path)
}
