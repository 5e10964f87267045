import { useParams, useSearchParams } from '@solidjs/router'
import type { RunId, TaskId, TaskView } from '@signalbox/core'
import { createSignal, Match, Show, Switch } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Badge } from '../parts/badge.tsx'
import { PageAnswer } from '../parts/page-answer.tsx'
import { Page } from '../parts/page.tsx'
import { taskIdOf } from '../words/ids.ts'
import { taskStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { CanMerge } from './can-merge.tsx'
import { EditTask } from './edit-task.tsx'
import { candidateOf } from './next-step.ts'
import { targetsOf } from '../words/targets.ts'
import { StartRun } from './start-run.tsx'
import { TaskChanged } from './task-changed.tsx'
import { TaskContext } from './task-context.tsx'
import { TaskFacts } from './task-facts.tsx'
import { TaskNext } from './task-next.tsx'
import { TaskRuns } from './task-runs.tsx'
import { TaskText } from './task-text.tsx'
import '../styles/task.css'

/** One task: what and where to, state and why, runs, what changed, what context, can it merge, what next. */
export function TaskPage() {
  const params = useParams()
  return (
    <Show when={taskIdOf(params['id'])} keyed>
      {(id) => <Task id={id} />}
    </Show>
  )
}

function Task(props: { readonly id: TaskId }) {
  const task = useQuery(() => queries.task(props.id))
  const runs = useQuery(() => queries.runsOf(props.id))
  return (
    <PageAnswer query={task} id={props.id}>
      {(known) => (
        <PageAnswer query={runs} id={props.id}>
          {(listed) => <Known task={known()} runs={listed().runs} />}
        </PageAnswer>
      )}
    </PageAnswer>
  )
}

type Open = 'nothing' | 'edit' | 'start_run'

function Known(props: { readonly task: TaskView; readonly runs: Parameters<typeof candidateOf>[0] }) {
  const [search, setSearch] = useSearchParams()
  const [open, setOpen] = createSignal<Open>(search['start'] === undefined ? 'nothing' : 'start_run')
  const candidate = (): RunId | undefined => candidateOf(props.runs)?.id
  const close = (): void => {
    setOpen('nothing')
    if (search['start'] !== undefined) setSearch({ start: undefined }, { replace: true })
  }
  const closed = () => ['done', 'dropped'].includes(props.task.status)
  const actions = (
    <>
      <button type="button" class="button" onClick={() => setOpen('edit')}>
        Edit
      </button>
      <Show when={!closed()}>
        <button type="button" class="button" onClick={() => setOpen('start_run')} disabled={props.task.repos.length === 0}>
          Start a run
        </button>
      </Show>
    </>
  )
  return (
    <Page title={visible(props.task.title)} id={props.task.id} beside={<Badge standing={taskStanding(props.task.status)} />} actions={actions}>
      <TaskNext task={props.task} runs={props.runs} candidate={candidate()} open={setOpen} />
      <div class="task-grid">
        <div class="task-column">
          <TaskText task={props.task} />
          <TaskRuns task={props.task.id} runs={props.runs} />
          <TaskContext task={props.task.id} last={props.runs.at(-1)?.id} />
        </div>
        <div class="task-column">
          <CanMerge run={candidate()} />
          <TaskChanged task={props.task.id} run={candidate()} />
          <TaskFacts task={props.task} />
        </div>
      </div>
      <Switch>
        <Match when={open() === 'edit'}>
          <EditTask task={props.task} close={close} />
        </Match>
        <Match when={open() === 'start_run'}>
          <StartRun task={props.task.id} targets={targetsOf(props.task)} close={close} />
        </Match>
      </Switch>
    </Page>
  )
}
