import { A } from '@solidjs/router'
import type { RunSummary, TaskId } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Badge } from '../parts/badge.tsx'
import { ChecksBadge } from '../run/checks-badge.tsx'
import { Section } from '../parts/section.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import { mergeStanding, runStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'

/** How many of the latest runs say whether their checks passed: it takes a look at each. */
const looked = 6

/** The runs of a task, newest first, and which of them passed. */
export function TaskRuns(props: { readonly task: TaskId; readonly runs: readonly RunSummary[] }) {
  const newest = () => props.runs.toReversed()
  return (
    <Section title="Runs" class="its-runs">
      <Show when={props.runs.length > 0} fallback={<p class="muted">No run yet. A run is one attempt by one agent, in a workspace of its own.</p>}>
        <ul class="run-lines">
          <For each={newest()}>{(run, at) => <RunLine run={run} look={at() < looked} />}</For>
        </ul>
      </Show>
      <Show when={newest()[0]}>{(last) => <Twin args={`show ${last().id}`} />}</Show>
    </Section>
  )
}

function RunLine(props: { readonly run: RunSummary; readonly look: boolean }) {
  return (
    <li class="run-line">
      <A href={`/runs/${props.run.id}`}>{props.run.id}</A>
      <span class="muted">{visible(props.run.agent)}</span>
      <Badge standing={runStanding(props.run)} />
      <Show when={props.look}>
        <Checks run={props.run.id} />
      </Show>
      <Show when={props.run.merge !== 'none'}>
        <Badge standing={mergeStanding(props.run.merge)} />
      </Show>
      <Time at={props.run.queuedAt} />
      <Show when={props.run.outcome !== 'completed'}>
        <span class="muted run-because">{visible(props.run.because)}</span>
      </Show>
    </li>
  )
}

function Checks(props: { readonly run: RunSummary['id'] }) {
  const run = useQuery(() => queries.run(props.run))
  return <Show when={run.isSuccess}>{<ChecksBadge receipts={run.data?.receipts ?? []} />}</Show>
}
