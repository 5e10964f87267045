import { A } from '@solidjs/router'
import type { RunSummary } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Badge } from '../parts/badge.tsx'
import { Time } from '../parts/time.tsx'
import { mergeStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import type { BoardItem } from './group-board.ts'

/** Milliseconds between looks at what waits for review: a target that was cleared tells nobody. */
const lookEveryMs = 10_000

/** One task or unreadable file on the board. */
export function BoardLine(props: { readonly item: BoardItem }) {
  return (
    <li class="board-line">
      <span class="board-id">{props.item.id}</span>
      <div class="board-text">
        <A href={props.item.href} class="board-title">
          {props.item.title}
        </A>
        <Show when={props.item.why !== ''}>
          <span class="board-why">{props.item.why}</span>
        </Show>
        <Show when={props.item.review}>{(run) => <Verdict run={run()} />}</Show>
      </div>
      <span class="board-meta">
        <For each={props.item.repos}>{(repo) => <span class="chip">{repo}</span>}</For>
        <Show when={props.item.priority}>{(priority) => <span class="muted" title={`Priority ${priority()} of 4; 1 is highest`}>P{priority()}</span>}</Show>
        <Show when={props.item.at}>{(at) => <Time at={at()} />}</Show>
      </span>
      <Badge standing={props.item.standing} />
      <span class="board-step">
        <Show when={props.item.step}>
          {(step) => (
            <A href={step().href} class="button" aria-label={`${step().label}: ${props.item.id}`}>
              {step().label}
            </A>
          )}
        </Show>
      </span>
    </li>
  )
}

/** What the gate says of a run that waits for review: it looks at the targets, so it comes a moment later than the list. */
function Verdict(props: { readonly run: RunSummary['id'] }) {
  const run = useQuery(() => ({ ...queries.run(props.run), refetchInterval: lookEveryMs }))
  const merge = () => (run.isSuccess ? run.data.merge : undefined)
  return (
    <Show when={merge()}>
      {(known) => (
        <span class="board-verdict">
          <Badge standing={mergeStanding(known().state)} /> {known().state === 'blocked' ? visible(known().because) : ''}
        </span>
      )}
    </Show>
  )
}
