import { baseBranchOf, ControlError, newTaskSchema, parseInput, sayStrayRepos, taskChangesSchema, type BaseBranch, type BranchName, type Config, type HumanFace, type NewTask, type RepoName, type Task, type TaskView } from '@signalbox/core'
import type { Changes, Memory } from './memory-ports.ts'
import { withState, type Services } from './services.ts'

type TaskCalls = Pick<HumanFace, 'createTask' | 'listTasks' | 'readTask' | 'editTask' | 'nextTask'>

/** Calls about tasks. */
export function createTaskCalls(services: Services): TaskCalls {
  const { memory } = services

  return {
    createTask: (input) => withState(services, () => writeTask(services, input, ({ id, title }) => `${id}: ${title}`)),

    listTasks: async (filter = {}) => {
      const [config, { records, quarantined }] = await Promise.all([memory.readConfig(), memory.list('task')])
      const tasks = records.filter((task) => filter.status === undefined || task.status === filter.status)
      return { tasks: tasks.map((task) => viewTask(task, config)), quarantined }
    },

    readTask: async (id) => viewTask(await memory.read('task', id), await memory.readConfig()),

    editTask: (id, input) =>
      withState(services, async () => {
        const { expect, body, ...changes } = parseInput(taskChangesSchema, input)
        const config = await memory.readConfig()
        requireKnown(config, changes.repos ?? [])
        if (changes.repos !== undefined || changes.scope !== undefined || changes.baseBranch !== undefined) {
          const { repos, scope, baseBranch } = await memory.read('task', id)
          refuseStray({ repos: changes.repos ?? repos, scope: changes.scope ?? scope, baseBranch: changes.baseBranch ?? baseBranch })
        }
        await requireRecords(memory, changes)
        const task = await memory.edit('task', id, omitUndefined(changes), { ...(expect === undefined ? {} : { expect }), ...(body === undefined ? {} : { body }) })
        await memory.commit(`${id}: edit ${[...Object.keys(omitUndefined(changes)), ...(body === undefined ? [] : ['body'])].join(', ')}`)
        return viewTask(task, config)
      }),

    nextTask: async () => {
      const [config, { records }] = await Promise.all([memory.readConfig(), memory.list('task')])
      const statusOf = new Map(records.map((task) => [task.id, task.status]))
      const ready = records.filter((task) => task.status === 'ready')
      const free = ready.filter((task) => task.dependsOn.every((id) => statusOf.get(id) === 'done')).toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))
      const [next] = free
      if (next !== undefined) return { task: viewTask(next, config), because: `Priority ${next.priority}, and nothing it depends on is open (${free.length} of ${ready.length} ready tasks could start)` }
      return { task: null, because: ready.length === 0 ? 'No task is ready' : `All ${ready.length} ready tasks depend on open ones` }
    },
  }
}

/** Writes a new task and commits it. The caller holds the state lock. @throws ControlError `input.invalid`, `repo.not_found`, `effort.not_found`, `task.not_found` */
export async function writeTask({ memory }: Pick<Services, 'memory'>, input: NewTask, sayCommit: (task: Task) => string): Promise<TaskView> {
  const { body, ...fields } = parseInput(newTaskSchema, input)
  const config = await memory.readConfig()
  requireKnown(config, fields.repos)
  refuseStray(fields)
  await requireRecords(memory, fields)
  const task = await memory.create('task', omitEmpty(fields), body)
  await memory.commit(sayCommit(task))
  return viewTask(task, config)
}

/** A task with the branch it really means. */
export function viewTask(task: Task, config: Config): TaskView {
  return { ...task, baseBranch: effectiveBranch(task, config) }
}

function effectiveBranch(task: Task, config: Config): BaseBranch | null {
  if (typeof task.baseBranch === 'string') return task.baseBranch
  const entries = task.repos.flatMap((repo): [RepoName, BranchName][] => {
    const registered = config.repos[repo]?.baseBranch
    const own = task.baseBranch === undefined ? undefined : (task.baseBranch as Readonly<Record<string, BranchName>>)[repo]
    if (registered === undefined && own === undefined) return []
    return [[repo, own ?? baseBranchOf(task, repo, registered as BranchName)]]
  })
  const [first] = entries
  if (first === undefined) return null
  return entries.every(([, branch]) => branch === first[1]) ? first[1] : (Object.fromEntries(entries) as Record<RepoName, BranchName>)
}

/** @throws ControlError `repo.not_found` for the first name that is not registered */
export function requireKnown(config: Config, repos: readonly string[]): void {
  for (const repo of repos) {
    if ((config.repos as Readonly<Record<string, unknown>>)[repo] === undefined) {
      const known = Object.keys(config.repos)
      throw new ControlError('repo.not_found', `There is no repo ${JSON.stringify(repo)}`, {
        hint: known.length === 0 ? 'Register one first: signalbox repo add PATH --name NAME' : `Registered: ${known.join(', ')}`,
      })
    }
  }
}

/** What is said of a repo that the task is not about would be believed to hold for one that it is about. @throws ControlError `input.invalid` */
function refuseStray(task: Pick<Task, 'repos' | 'scope' | 'baseBranch'>): void {
  const stray = sayStrayRepos(task)
  if (stray !== undefined) throw new ControlError('input.invalid', `${stray[0]?.toUpperCase()}${stray.slice(1)}`, { hint: 'Name each of them with --repo as well, or give --scope and --base-branch for the repos of the task alone' })
}

/** A reference to nothing would only be noticed when it is needed. @throws ControlError `effort.not_found`, `task.not_found` */
async function requireRecords(memory: Memory, { effort, dependsOn = [] }: { readonly effort?: string | undefined; readonly dependsOn?: readonly string[] | undefined }): Promise<void> {
  if (effort !== undefined) await memory.read('effort', effort)
  for (const id of dependsOn) await memory.read('task', id)
}

/** Leaves out what would only add noise to a new file: undefined values and empty lists. */
function omitEmpty(fields: Changes<'task'>): Changes<'task'> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)))
}

/** An undefined value would remove the key; a caller that does not name a field leaves it alone. */
function omitUndefined(fields: Changes<'task'>): Changes<'task'> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
