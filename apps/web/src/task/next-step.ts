import type { RunSummary, RunView, TaskView } from '@signalbox/core'
import { isActive } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'

/** What to do next about a task: a sentence, where or how, and the same on the command line (without the program's name). */
export interface NextStep {
  readonly sentence: string
  readonly act: { readonly kind: 'go'; readonly label: string; readonly href: string } | { readonly kind: 'start_run' | 'edit' | 'make_ready'; readonly label: string } | null
  readonly twin: string | null
}

/** Returns the run whose landing is in question: the one that landed, else the last one with something to review, else with a sealed round. */
export function candidateOf(runs: readonly RunSummary[]): RunSummary | undefined {
  return runs.findLast(({ merge }) => merge !== 'none' && merge !== 'undone') ?? runs.findLast(({ reviewable, state }) => reviewable && state === 'ended') ?? runs.findLast(({ snapshot, state }) => snapshot !== null && state === 'ended')
}

/** A task as far as its next step depends on it; `waitsFor` are the tasks it depends on that are not done. */
export type TaskAhead = Pick<TaskView, 'id' | 'status' | 'repos'> & { readonly waitsFor: readonly string[] }

/** Returns what to do next. `merge` is that of the candidate run, undefined while it is not known. */
export function findNextStep(task: TaskAhead, runs: readonly RunSummary[], merge: RunView['merge'] | undefined): NextStep {
  const active = runs.findLast(isActive)
  if (active !== undefined) return { sentence: `${active.id} is at work: ${visible(active.because)}.`, act: { kind: 'go', label: `Watch ${active.id}`, href: `/runs/${active.id}` }, twin: `log ${active.id} -f` }
  const candidate = candidateOf(runs)
  const judged = candidate === undefined || task.status === 'ready' ? undefined : judge(candidate.id, merge)
  if (judged !== undefined) return judged
  switch (task.status) {
    case 'done':
    case 'dropped':
      return { sentence: task.status === 'done' ? 'It is done. Nothing to do.' : 'It was dropped. Nothing to do.', act: null, twin: null }
    case 'draft':
      return { sentence: 'It is a draft. Make it ready once it says what is wanted.', act: { kind: 'make_ready', label: 'Make it ready' }, twin: `task edit ${task.id} --status ready` }
    default:
      return startStep(task, runs.at(-1))
  }
}

function judge(run: string, merge: RunView['merge'] | undefined): NextStep | undefined {
  const review = (label: string): NextStep['act'] => ({ kind: 'go', label, href: `/runs/${run}/review` })
  // Not known yet: whatever it is, it is seen there.
  if (merge === undefined) return { sentence: `See how ${run} stands.`, act: review(`Review ${run}`), twin: `gate ${run}` }
  switch (merge.state) {
    case 'approvable':
      return { sentence: `Review what ${run} made; nothing but your approval is missing.`, act: review(`Review ${run}`), twin: `merge ${run} --approve` }
    case 'approved':
      return { sentence: `${run} is approved and nothing stands in the way. Land it.`, act: review(`Land ${run}`), twin: `merge ${run}` }
    case 'blocked':
      return { sentence: `Clear what keeps ${run} from landing.`, act: review(`Review ${run}`), twin: `gate ${run}` }
    case 'stuck':
      return { sentence: `The landing of ${run} stopped half-way. Clear what it names; the next command settles it.`, act: review('See what is stuck'), twin: 'doctor' }
    case 'merging':
      return { sentence: `${run} is landing.`, act: review('Watch'), twin: null }
    case 'merged':
      return { sentence: `${run} landed. Nothing to do; it can be taken back where nothing was built on top.`, act: review('Look at it'), twin: `undo ${run}` }
    case 'undone':
      return { sentence: `The landing of ${run} was taken back. Review it again, or start another run.`, act: review(`Review ${run}`), twin: `merge ${run} --approve` }
    case 'none':
      return undefined
    default:
      return merge.state satisfies never
  }
}

function startStep({ id, repos, waitsFor }: TaskAhead, last: RunSummary | undefined): NextStep {
  if (repos.length === 0) return { sentence: 'Name the repos it changes; a run needs at least one.', act: { kind: 'edit', label: 'Name its repos' }, twin: `task edit ${id} --repo NAME` }
  const again = last === undefined ? '' : `${last.id} ${last.outcome ?? last.state}: ${visible(last.because)}. `
  const start = `Start ${last === undefined ? 'a' : 'another'} run`
  const sentence = waitsFor.length === 0 ? `${again}${start}.` : `${again}It waits for ${waitsFor.join(', ')}. ${start} when that is done, or now if it can do without.`
  return { sentence, act: { kind: 'start_run', label: 'Start a run' }, twin: `run ${id} --agent ${last?.agent ?? 'demo'}` }
}
