import { codeOf } from '@signalbox/api/client'
import { Show } from 'solid-js'
import { Problem } from '../parts/problem.tsx'
import { Blockers } from '../parts/blockers.tsx'
import { reportIn } from './gate-words.ts'

/** Why an act was refused: every reason of the gate that refused it, else the one sentence there is. Nothing when it was not. */
export function Refusal(props: { readonly error: unknown; readonly title: string }) {
  return (
    <Show when={props.error}>
      {(error) => (
        <Show when={reportIn(error())} fallback={<Problem error={error()} title={props.title} />}>
          {(report) => (
            <section class="problem" role="alert">
              <h3>
                {props.title} <code class="code">{codeOf(error())}</code>
              </h3>
              <Blockers blockers={report().blockers} />
            </section>
          )}
        </Show>
      )}
    </Show>
  )
}
