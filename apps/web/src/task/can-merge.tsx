import { A } from '@solidjs/router'
import type { RunId } from '@signalbox/core'
import { Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Blockers } from '../parts/blockers.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { WaivedList } from '../parts/waived-list.tsx'
import { mergeStanding } from '../words/states.ts'
import { Landed } from './landed.tsx'

/** Whether the task's latest work can land, and if not, every reason why. */
export function CanMerge(props: { readonly run: RunId | undefined }) {
  return (
    <Show
      when={props.run}
      keyed
      fallback={
        <Section title="Can it merge?" class="can-merge">
          <p class="muted">Not yet: no run has sealed anything.</p>
        </Section>
      }
    >
      {(run) => <Candidate run={run} />}
    </Show>
  )
}

function Candidate(props: { readonly run: RunId }) {
  const run = useQuery(() => queries.run(props.run))
  return (
    <Answer query={run} what={props.run}>
      {(known) => (
        <Section title={known().merge.state === 'merged' ? 'Landed' : 'Can it merge?'} class="can-merge" beside={<Badge standing={mergeStanding(known().merge.state)} />}>
          <Show when={known().merge.state === 'merged'} fallback={<Gate run={props.run} />}>
            <Landed repos={known().merge.repos} />
            <Twin args={`undo ${props.run}`} />
          </Show>
        </Section>
      )}
    </Answer>
  )
}

function Gate(props: { readonly run: RunId }) {
  const gate = useQuery(() => queries.gate(props.run))
  return (
    <Answer query={gate} what="the gate">
      {(report) => (
        <>
          <Show when={report().blockers.length > 0} fallback={<p>Nothing stands in the way of {report().snapshot ?? props.run}.</p>}>
            <Blockers blockers={report().blockers} />
          </Show>
          <Show when={report().waived.length > 0}>
            <WaivedList waived={report().waived} />
          </Show>
          <p>
            <A href={`/runs/${props.run}/review`}>Review {props.run}</A>
          </p>
          <Twin args={`gate ${props.run}`} />
        </>
      )}
    </Answer>
  )
}
