import { ControlError, parseInput, parseRunId, proposalLimit, taskProposalSchema, type RunId, type Task, type TaskProposal, type TaskView } from '@signalbox/core'
import { createRedactor, mapTexts, toVisibleText } from './redact.ts'
import { withState, type Services } from './services.ts'
import { writeTask } from './tasks.ts'

/** Label of tasks that no human asked for. */
const label = 'proposed'

/**
 * Writes what an agent proposes as a draft, linked to its run; without a run, somebody's own tools did. Nothing is started.
 * @throws ControlError `access.denied` beyond the limit of a run, or of drafts that nobody looked at, `input.invalid`, `repo.not_found`, `run.not_found`, `format.newer`
 */
export async function proposeTask(services: Services, run: RunId | undefined, proposal: TaskProposal): Promise<TaskView> {
  const { title, body, repos } = parseInput(taskProposalSchema, proposal)
  const redact = createRedactor(services.env)
  const said = mapTexts({ title, body }, (text) => toVisibleText(redact(text)))
  return withState(services, async () => {
    if (run !== undefined) await services.log.foldToChange(run)
    const { records } = await services.memory.list('task')
    const before = records.filter((task) => isOf(task, run)).length
    if (before >= proposalLimit) {
      throw new ControlError('access.denied', `${run ?? 'Tools without a run'} proposed ${before} tasks, and may not propose more`, { hint: 'Put what is left into one of them, or into the handoff; a human decides about each' })
    }
    return writeTask(services, { ...said, repos, status: 'draft', labels: [label], links: run === undefined ? [] : [run] }, ({ id }) => `${id}: propose ${said.title}${run === undefined ? '' : ` (${run})`}`)
  })
}

/** Of a run: all it ever proposed. Without one: what still waits for a human. */
function isOf(task: Task, run: RunId | undefined): boolean {
  if (run !== undefined) return task.links.includes(run)
  return task.status === 'draft' && task.labels.includes(label) && !task.links.some((link) => parseRunId(link) !== undefined)
}
