import { ControlError, repoPathsSchema, type RepoName } from '@signalbox/core'
import { readJsonIfThere, writeDurably } from './durable-file.ts'
import type { SourceRef } from './git-ports.ts'
import type { StateLayout } from './state-layout.ts'

/** Where registered repos lie on this machine. Records hold names only, so the memory repo can travel. */
export interface RepoPaths {
  read(): Promise<Readonly<Record<string, string>>>
  /** @throws ControlError `repo.unreachable` when this machine has no path for the name */
  sourceOf(repo: RepoName): Promise<SourceRef>
  set(repo: RepoName, path: string | undefined): Promise<void>
}

/** Opens the table of paths in a state folder. */
export function createRepoPaths(layout: StateLayout): RepoPaths {
  async function read(): Promise<Readonly<Record<string, string>>> {
    return (await readJsonIfThere(layout.repoPaths, repoPathsSchema, 'Delete that file, then register each repo again: signalbox repo add PATH --name NAME')) ?? {}
  }

  return {
    read,
    sourceOf: async (repo) => {
      const path = (await read())[repo]
      if (path === undefined) {
        throw new ControlError('repo.unreachable', `${repo} has no folder on this machine`, { hint: `Register where it lies here: signalbox repo add PATH --name ${repo}` })
      }
      return { repo, path }
    },
    set: async (repo, path) => {
      const { [repo]: _old, ...others } = await read()
      const next = path === undefined ? others : { ...others, [repo]: path }
      await writeDurably(layout, layout.repoPaths, `${JSON.stringify(next, undefined, 2)}\n`)
    },
  }
}
