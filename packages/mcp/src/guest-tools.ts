import { decisionIdSchema, taskIdSchema, taskProposalSchema, taskStatusSchema, type GuestFace, type Quarantined } from '@signalbox/core'
import * as z from 'zod'
import { defineTool, say, type Tool } from './tool.ts'

/** Records that a list answers with at most: more is no overview. */
const listLimit = 200

const nothing = z.strictObject({})

/** Returns the tools of whoever has no run: lookups, and drafts of tasks. */
export function guestTools(face: GuestFace): readonly Tool[] {
  return [
    ...lookupTools(face),
    defineTool({
      name: 'read_task',
      description: 'Reads one task by its id, such as T0012: what is wanted, acceptance, repositories, target branch, status.',
      input: z.strictObject({ id: taskIdSchema }),
      reads: true,
      call: async ({ id }) => say(await face.readTask(id)),
    }),
  ]
}

/** Returns the tools that are the same with a run and without one. */
export function lookupTools(face: GuestFace): readonly Tool[] {
  return [
    defineTool({
      name: 'search',
      description: 'Searches tasks, decisions, notes, efforts and handoffs of the memory repo, best hits first. Read what looks relevant before relying on it.',
      input: z.strictObject({ query: z.string().trim().min(1).max(500), limit: z.int().min(1).max(50).default(10) }),
      reads: true,
      call: async ({ query, limit }) => say((await face.search(query, { limit })).results),
    }),
    defineTool({
      name: 'list_tasks',
      description: `Lists tasks by id, with title and status; at most ${listLimit}. Files that could not be read are named too.`,
      input: z.strictObject({ status: taskStatusSchema.optional() }),
      reads: true,
      call: async ({ status }) => {
        const { tasks, quarantined } = await face.listTasks({ status })
        return sayList(tasks.map((task) => ({ id: task.id, title: task.title, status: task.status, repos: task.repos, priority: task.priority, labels: task.labels })), quarantined)
      },
    }),
    defineTool({
      name: 'list_decisions',
      description: `Lists decisions by id, with title and status; at most ${listLimit}. Work must respect accepted ones.`,
      input: nothing,
      reads: true,
      call: async () => {
        const { records, quarantined } = await face.listDecisions()
        return sayList(records.map(({ id, title, status, repos }) => ({ id, title, status, repos })), quarantined)
      },
    }),
    defineTool({
      name: 'read_decision',
      description: 'Reads one decision by its id, such as D0003.',
      input: z.strictObject({ id: decisionIdSchema }),
      reads: true,
      call: async ({ id }) => say(await face.readDecision(id)),
    }),
    defineTool({
      name: 'propose_task',
      description: 'Proposes a task for later. It becomes a draft that a human accepts, edits or drops; nothing is started.',
      input: z.strictObject(taskProposalSchema.shape),
      reads: false,
      call: async (proposal) => {
        const { id } = await face.proposeTask(proposal)
        return `Proposed as ${id}, a draft. A human decides whether it is done; nothing was started.`
      },
    }),
  ]
}

/** What was left out, or could not be read, is said: a list must not look complete when it is not. */
function sayList(records: readonly object[], quarantined: readonly Quarantined[]): string {
  const omitted = records.length - listLimit
  return [
    say(records.slice(0, listLimit)),
    ...(omitted > 0 ? [`${omitted} more are not listed: search, or name a status.`] : []),
    ...(quarantined.length > 0 ? [`Could not be read: ${say(quarantined)}`] : []),
  ].join('\n')
}
