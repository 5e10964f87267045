import { A } from '@solidjs/router'
import type { Handoff } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { QuarantinedFiles } from '../parts/quarantined.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'
import '../styles/list.css'

/** Handoffs shown; older ones are found by their task or by search. */
const most = 200

/** Every handoff, the newest first: what was done, and what is next. */
export function HandoffsPage() {
  const handoffs = useQuery(() => queries.handoffs())
  return (
    <Page title="Handoffs" actions={<Twin args="handoff list" />}>
      <Answer query={handoffs} what="handoffs">
        {(listed) => (
          <>
            <QuarantinedFiles files={listed().quarantined} />
            <Show when={listed().handoffs.length > 0} fallback={<Empty title="No handoff yet.">Every run leaves one when it ends: what changed, what was checked, what is next.</Empty>}>
              <ul class="list">
                <For each={listed().handoffs.toReversed().slice(0, most)}>{(handoff) => <HandoffRow handoff={handoff} />}</For>
              </ul>
            </Show>
            <Show when={listed().handoffs.length > most}>
              <p class="muted">
                The newest {most} of {listed().handoffs.length}; search finds the others.
              </p>
            </Show>
          </>
        )}
      </Answer>
    </Page>
  )
}

function HandoffRow(props: { readonly handoff: Handoff }) {
  return (
    <li class="list-row">
      <A class="list-id" href={`/handoffs/${props.handoff.id}`}>
        {props.handoff.id}
      </A>
      <div class="list-text">
        <span class="list-title">{visible(props.handoff.what.split('\n', 1)[0] ?? '')}</span>
        <span class="muted">
          <A href={`/tasks/${props.handoff.task}`}>{props.handoff.task}</A> by {visible(props.handoff.by)}
        </span>
      </div>
      <span class="list-states">{props.handoff.blocker === null ? null : <Badge standing={{ word: 'blocker', tone: 'bad' }} />}</span>
      <Time at={props.handoff.at} />
    </li>
  )
}
