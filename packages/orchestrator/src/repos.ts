import { ControlError, newRepoSchema, parseInput, repoConfigSchema, type BranchName, type Config, type HumanFace, type RepoName, type RepoView } from '@signalbox/core'
import type { InspectedSource } from './git-ports.ts'
import { refuseOther } from './moved-repo.ts'
import { withState, type Services } from './services.ts'

type RepoCalls = Pick<HumanFace, 'addRepo' | 'listRepos' | 'removeRepo'>

/** Calls about registered repos. */
export function createRepoCalls(services: Services): RepoCalls {
  const { memory, repoPaths } = services

  async function view(name: RepoName): Promise<RepoView> {
    const settings = (await memory.readConfig()).repos[name]
    if (settings === undefined) throw notFound(name)
    const path = (await repoPaths.read())[name] ?? null
    return { name, path, ...settings, filters: path === null ? [] : [...services.sources.listFilters({ repo: name, path })] }
  }

  return {
    addRepo: (request) =>
      withState(services, async () => {
        const input = parseInput(newRepoSchema, request)
        const config = await memory.readConfig()
        const paths = await repoPaths.read()
        const { name } = input
        const earlier = paths[name]
        const found = await services.sources.inspect(input.path, input.allowFilters, earlier)
        const movedFrom = earlier === found.path ? undefined : earlier
        if (movedFrom !== undefined) await refuseOther(services, { name, movedFrom, found })
        if (earlier !== found.path) refuseTwin(services, { config, paths, wanted: name, path: found.path })
        const settings = config.repos[input.name]
        const baseBranch = input.baseBranch ?? settings?.baseBranch ?? defaultBranch(found)
        if (!found.branches.some((branch) => branch === baseBranch)) {
          throw new ControlError('repo.branch_missing', `${found.path} has no branch ${baseBranch}`, { hint: `Name one it has with --base-branch: ${found.branches.slice(0, 5).join(', ')}` })
        }
        await memory.writeRepoConfig(name, repoConfigSchema.parse({ baseBranch, setup: input.setup ?? settings?.setup, files: input.files ?? settings?.files, checks: input.checks ?? settings?.checks }))
        await repoPaths.set(name, found.path)
        await services.sources.allowFilters({ repo: name, path: found.path }, found.filters)
        if (movedFrom !== undefined) await services.sources.allowFilters({ repo: name, path: movedFrom }, [])
        await memory.commit(`repo: add ${name}`)
        return view(name)
      }),

    listRepos: async () => {
      const config = await memory.readConfig()
      return { repos: await Promise.all(Object.keys(config.repos).map((name) => view(name as RepoName))) }
    },

    removeRepo: (name) =>
      withState(services, async () => {
        const before = await view(name)
        const { records } = await memory.list('task')
        const open = records.filter((task) => task.repos.includes(name) && task.status !== 'done' && task.status !== 'dropped')
        if (open.length > 0) throw new ControlError('repo.in_use', `${name} is named by open tasks: ${open.slice(0, 5).map((task) => task.id).join(', ')}`, { hint: 'Finish or drop them, or take the repo out of them first' })
        await memory.writeRepoConfig(name, undefined)
        await repoPaths.set(name, undefined)
        if (before.path !== null) await services.sources.allowFilters({ repo: name, path: before.path }, [])
        await memory.commit(`repo: remove ${name}`)
        return before
      }),
  }
}

interface Naming {
  readonly config: Config
  readonly paths: Readonly<Record<string, string>>
  readonly wanted: RepoName
  readonly path: string
}

/** One repository has one name: two would take each other's locks, and land on each other's branches. */
function refuseTwin({ sources }: Services, { config, paths, wanted, path }: Naming): void {
  const others = Object.entries(paths).flatMap(([name, at]) => (name !== wanted && (config.repos as Readonly<Record<string, unknown>>)[name] !== undefined ? [{ repo: name as RepoName, path: at }] : []))
  const twin = sources.findTwin(path, others)
  if (twin === undefined) return
  const message = paths[twin] === path ? `${path} is already registered as ${twin}` : `${path} is a worktree of the repository that is registered as ${twin}, at ${paths[twin]}`
  throw new ControlError('repo.name_taken', message, { hint: `Use that name: one repository has one. To work from here, forget that one first: signalbox repo remove ${twin}` })
}

/** The branch a new repo's tasks land on when nobody says: main, else what is checked out. */
function defaultBranch(found: InspectedSource): BranchName {
  const usual = found.branches.find((branch) => branch === 'main') ?? found.branch ?? found.branches.find((branch) => branch === 'master') ?? found.branches[0]
  if (usual === undefined) throw new ControlError('repo.unborn', `${found.path} has no branch`, { hint: 'Make a first commit there' })
  return usual
}

function notFound(name: string): ControlError {
  return new ControlError('repo.not_found', `There is no repo ${name}`, { hint: 'List them with `signalbox repo list`' })
}
