import { A } from '@solidjs/router'
import type { RunSummary } from '@signalbox/core'
import { createMemo, createSignal, For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { QuarantinedFiles } from '../parts/quarantined.tsx'
import { RecordLink } from '../parts/record-link.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import { mergeStanding, runStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { LandingOrder } from './landing-order.tsx'
import '../styles/list.css'

/** Runs shown at first, and how many more each time. */
const step = 100

/** Every run, the newest first. */
export function RunsPage() {
  const runs = useQuery(() => queries.runs())
  const tasks = useQuery(() => queries.tasks())
  const titleOf = createMemo(() => new Map(tasks.data?.tasks.map(({ id, title }) => [id, title])))
  const [shown, setShown] = createSignal(step)
  return (
    <Page title="Runs" actions={<Twin args="runs" />}>
      <Answer query={runs} what="runs">
        {(listed) => (
          <>
            <QuarantinedFiles files={listed().quarantined} />
            <LandingOrder />
            <Show when={listed().runs.length > 0} fallback={<Empty title="No run yet.">A run is one attempt by one agent at one task. Start one from a task.</Empty>}>
              <ul class="list">
                <For each={listed().runs.toReversed().slice(0, shown())}>{(run) => <RunRow run={run} title={titleOf().get(run.task)} />}</For>
              </ul>
            </Show>
            <Show when={listed().runs.length > shown()}>
              <button type="button" class="button quiet" onClick={() => setShown(shown() + step)}>
                Show {Math.min(step, listed().runs.length - shown())} more
              </button>
            </Show>
          </>
        )}
      </Answer>
    </Page>
  )
}

function RunRow(props: { readonly run: RunSummary; readonly title: string | undefined }) {
  return (
    <li class="list-row">
      <A class="list-id" href={`/runs/${props.run.id}`}>
        {props.run.id}
      </A>
      <div class="list-text">
        <span>
          <RecordLink id={props.run.task} text={props.title === undefined ? props.run.task : `${props.run.task} ${visible(props.title)}`} /> <span class="muted">by {visible(props.run.agent)}</span>
        </span>
        <span class="muted">{visible(props.run.because)}</span>
      </div>
      <span class="list-states">
        <Badge standing={runStanding(props.run)} />
        <Show when={props.run.merge !== 'none'}>
          <Badge standing={mergeStanding(props.run.merge)} />
        </Show>
      </span>
      <Time at={props.run.queuedAt} />
    </li>
  )
}
