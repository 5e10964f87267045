import { A } from '@solidjs/router'
import type { RunId, RunView, TaskId } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { Section } from '../parts/section.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import { size } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'

/** What the latest work changed, repo by repo, and what its author says of it. */
export function TaskChanged(props: { readonly task: TaskId; readonly run: RunId | undefined }) {
  return (
    <Section title="What changed" class="changes">
      <Show when={props.run} keyed fallback={<p class="muted">Nothing yet.</p>}>
        {(run) => <Changed run={run} />}
      </Show>
      <LastHandoff task={props.task} />
    </Section>
  )
}

function Changed(props: { readonly run: RunId }) {
  const run = useQuery(() => queries.run(props.run))
  return (
    <Answer query={run} what={props.run}>
      {(known) => (
        <>
          <Sizes run={known()} />
          <Twin args={`diff ${props.run} --stat`} />
        </>
      )}
    </Answer>
  )
}

function Sizes(props: { readonly run: RunView }) {
  const round = () => props.run.snapshots.findLast(({ kind }) => kind === 'round')
  return (
    <ul class="plain-lines">
      <For each={round()?.repos ?? []}>
        {(saved) => (
          <li>
            <A href={`/runs/${props.run.id}/review`}>{saved.repo}</A> {size(saved)}
          </li>
        )}
      </For>
      <Show when={round()?.complete === false}>
        <li class="bad-text">The snapshot is incomplete.</li>
      </Show>
    </ul>
  )
}

function LastHandoff(props: { readonly task: TaskId }) {
  const handoffs = useQuery(() => queries.handoffs())
  const last = () => (handoffs.isSuccess ? handoffs.data.handoffs.findLast(({ task }) => task === props.task) : undefined)
  return (
    <Show when={last()}>
      {(handoff) => (
        <div class="handoff-short">
          <p>
            <A href={`/handoffs/${handoff().id}`}>{handoff().id}</A> <span class="muted">by {visible(handoff().by)}</span> <Time at={handoff().at} />
          </p>
          <p class="clamped">{visible(handoff().what)}</p>
          <p class="muted">Next</p>
          <Markdown text={handoff().next} />
        </div>
      )}
    </Show>
  )
}
