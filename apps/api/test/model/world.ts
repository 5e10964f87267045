import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { HumanFace, RunId, TaskId } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git, run, writeFiles } from '@signalbox/testkit'
import { initMemory } from '../../src/compose.ts'
import { openInProcess } from '../in-process-plane.ts'
import { blobId, brokenPath, checkedRepo, checkName, ignoredPath, type Branch, type Files, type Model, type RepoModel } from './model.ts'

export const repoNames = [checkedRepo, 'web'] as const

/** A memory repo, a state folder and two sources on disk, and a control plane on them in this process. */
export interface ModelWorld {
  readonly dir: string
  readonly memory: string
  readonly human: HumanFace
  /** Starts a run whose supervisor is this process, and waits for its end. */
  runScript(task: string, script: string): Promise<RunId>
  sourceOf(repo: string): string
  vaultOf(repo: string): string
  workspaceOf(run: string, repo: string): string
  /** Closes the control plane and opens another one on the same files. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Makes worlds that are all alike: the first one is kept and copied back to its place, for making one takes a second. */
export async function prepareWorlds(seen: Model['seen']): Promise<() => Promise<{ readonly world: ModelWorld; readonly model: Model }>> {
  const root = createTempDir('model')
  const [dir, template] = [join(root, 'world'), join(root, 'template')]
  const env = { PATH: process.env['PATH'], HOME: join(dir, 'home'), SIGNALBOX_STATE: join(dir, 'state'), GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC' }
  mkdirSync(join(dir, 'home'), { recursive: true })
  await initMemory(join(dir, 'memory'), env)
  for (const name of repoNames) createSource(join(dir, name))
  const world = await openWorld(dir, env)
  for (const name of repoNames) await world.human.addRepo({ path: join(dir, name), name, ...(name === checkedRepo ? { checks: { [checkName]: `test ! -e ${brokenPath}` } } : {}) })
  const tasks: Model['tasks'] = []
  for (const repos of [[checkedRepo], repoNames]) tasks.push({ id: (await world.human.createTask({ title: `Work in ${repos.join(' and ')}`, repos: [...repos] })).id, repos })
  await world.close()
  cpSync(dir, template, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  return async () => {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    cpSync(template, dir, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    const fresh = await openWorld(dir, env)
    return { world: fresh, model: { repos: Object.fromEntries(repoNames.map((name) => [name, readRepo(join(dir, name))])), tasks: [...tasks], runs: [], seen } }
  }
}

function createSource(path: string): void {
  createRepo({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'dir/c.txt': 'c\n', '.gitignore': `${ignoredPath}\n` }, { path })
  git(path, 'branch', 'side')
  writeFiles(path, { 'b.txt': 'b on main\n' })
  commitAll(path, 'second')
  writeFiles(path, { [ignoredPath]: 'mine\n' })
}

async function openWorld(dir: string, env: Readonly<Record<string, string | undefined>>): Promise<ModelWorld> {
  const memory = join(dir, 'memory')
  let plane = await openInProcess(memory, env)
  const below = (folder: string, ending: string): string => {
    const found = readdirSync(join(dir, 'state'), { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith(`${folder}/${ending}`))
    if (found === undefined) throw new Error(`no ${folder}/${ending} in the state folder`)
    return join(dir, 'state', found)
  }
  return {
    dir,
    memory,
    get human() {
      return plane.human
    },
    runScript: (task, script) => plane.runScript(task as TaskId, script),
    sourceOf: (repo) => join(dir, repo),
    vaultOf: (repo) => below('vaults', `${repo}.git`),
    workspaceOf: (id, repo) => below(`workspaces/${id}`, repo),
    restart: async () => {
      await plane.close()
      plane = await openInProcess(memory, env)
    },
    close: () => plane.close(),
  }
}

/** Looks at a source with plain git. */
export function readRepo(path: string): RepoModel {
  const branch = (name: Branch): { oid: string; files: Files } => ({ oid: git(path, 'rev-parse', name), files: readTree(path, name) })
  const on = git(path, 'symbolic-ref', '--short', 'HEAD')
  return { branches: { main: branch('main'), side: branch('side') }, on: on === 'main' ? 'main' : 'side', work: readDisk(path) }
}

export function readTree(path: string, tree: string): Files {
  const lines = run(path, 'git', ['ls-tree', '-r', '-z', tree]).split('\0').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.split(/[ \t]/)[2] ?? '']))
}

/** Reads every file of a checkout but git's own. */
export function readDisk(path: string): Files {
  return new Map(
    readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const name = relative(path, join(entry.parentPath, entry.name))
      return entry.isFile() && name !== '.git' && !name.startsWith('.git/') ? [[name, blobId(readFileSync(join(path, name), 'utf8'))] as const] : []
    }),
  )
}

/** Everything of the sources that is the human's. */
export function fingerprintAll(world: ModelWorld): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(repoNames.map((name) => [name, fingerprint(world.sourceOf(name))]))
}
