import { A } from '@solidjs/router'
import type { RunId, RunSummary, TaskView } from '@signalbox/core'
import { Match, Show, Switch } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Problem } from '../parts/problem.tsx'
import { Twin } from '../parts/twin.tsx'
import { runIdOf } from '../words/ids.ts'
import { doneIn, waitsFor } from '../words/waits-for.ts'
import { findNextStep } from './next-step.ts'

interface Props {
  readonly task: TaskView
  readonly runs: readonly RunSummary[]
  readonly candidate: RunId | undefined
  readonly open: (what: 'edit' | 'start_run') => void
}

/** The first thing on a task's page: what to do next, as a sentence, a button and a command. */
export function TaskNext(props: Props) {
  const run = useQuery(() => ({ ...queries.run(props.candidate ?? nobody), enabled: props.candidate !== undefined }))
  const tasks = useQuery(() => ({ ...queries.tasks(), enabled: props.task.dependsOn.length > 0 }))
  const step = () => findNextStep({ ...props.task, waitsFor: tasks.data === undefined ? [] : waitsFor(props.task, doneIn(tasks.data.tasks)) }, props.runs, run.isSuccess && props.candidate !== undefined ? run.data.merge : undefined)
  const makeReady = useAct(() => api.editTask(props.task.id, { status: 'ready', expect: props.task.hash }))
  return (
    <section class="next" aria-label="What next">
      <p class="next-sentence">{step().sentence}</p>
      <Switch>
        <Match when={step().act?.kind === 'go' ? step().act : undefined}>
          {(act) => (
            <A class="button primary" href={hrefOf(act())}>
              {act().label}
            </A>
          )}
        </Match>
        <Match when={step().act}>
          {(act) => (
            <button type="button" class="button primary" disabled={makeReady.isPending} onClick={() => doAct(act().kind)}>
              {act().label}
            </button>
          )}
        </Match>
      </Switch>
      <Show when={step().twin}>{(args) => <Twin args={args()} />}</Show>
      <Show when={makeReady.error}>{(error) => <Problem error={error()} />}</Show>
    </section>
  )

  function doAct(kind: string): void {
    if (kind === 'make_ready') makeReady.mutate()
    else props.open(kind === 'edit' ? 'edit' : 'start_run')
  }
}

/** Stands in the key of a question that is not asked. */
const nobody = runIdOf('R0000') ?? raise()

function raise(): never {
  throw new Error('R0000 is the form of a run id')
}

function hrefOf(act: { readonly kind: string; readonly href?: string }): string {
  return act.href ?? '/'
}
