import type { RunId } from '@signalbox/core'
import { For } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { sayEvent, toneOf } from '../words/events.ts'
import { timeOfDay } from '../words/time-of-day.ts'

/** What happened in a run, in order, as it happens. */
export function Timeline(props: { readonly run: RunId }) {
  const events = useQuery(() => queries.events(props.run))
  return (
    <Section title="Timeline">
      <Answer query={events} what="what happened">
        {(known) => (
          <ol class="timeline" aria-live="polite">
            <For each={known().events}>
              {(event) => (
                <li class={`timeline-${toneOf(event)}`}>
                  <time dateTime={event.at} title={`${event.seq}: ${event.type}, ${event.at}`}>
                    {timeOfDay(event.at)}
                  </time>
                  <span>{sayEvent(event)}</span>
                </li>
              )}
            </For>
          </ol>
        )}
      </Answer>
      <Twin args={`log ${props.run}`} />
    </Section>
  )
}
