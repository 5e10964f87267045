import { A } from '@solidjs/router'
import type { Forecast, ForecastStep } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Badge } from '../parts/badge.tsx'
import { Problem } from '../parts/problem.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { mergeStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'

/** In which order open runs land best, and what collides. Says nothing where there is no choice: one run that fits, or none. */
export function LandingOrder() {
  const forecast = useQuery(() => queries.forecast())
  const worthTelling = () => (forecast.data !== undefined && isWorthTelling(forecast.data) ? forecast.data : undefined)
  return (
    <>
      <Show when={forecast.isError ? forecast.error : undefined}>{(error) => <Problem error={error()} />}</Show>
      <Show when={worthTelling()}>
        {(known) => (
          <Section title="Landing order" class="landing-order" beside={<Twin args="forecast" />}>
            <ol class="plain-lines">
              <For each={known().order}>{(step, at) => <Step step={step} place={at() + 1} />}</For>
            </ol>
          </Section>
        )}
      </Show>
    </>
  )
}

function isWorthTelling({ order }: Forecast): boolean {
  return order.length > 1 || order.some(({ lands }) => !lands)
}

function Step(props: { readonly step: ForecastStep; readonly place: number }) {
  return (
    <li>
      <Show when={props.step.lands}>
        <span class="muted">{props.place}.</span>{' '}
      </Show>
      <A href={`/runs/${props.step.run}/review`}>{props.step.run}</A> {visible(props.step.title ?? props.step.task)} <Badge standing={props.step.lands ? mergeStanding(props.step.standing) : { word: 'does not fit', tone: 'bad' }} />
      <For each={props.step.reasons}>{(reason) => <div class="muted">{visible(reason)}</div>}</For>
    </li>
  )
}
