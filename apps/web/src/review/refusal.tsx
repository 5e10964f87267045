import { Show } from 'solid-js'
import { Problem } from '../parts/problem.tsx'
import { BlockerList } from './blocker-list.tsx'
import { reportIn } from './gate-words.ts'

/** Why an act was refused: the sentence, and every reason of the gate that refused it. Nothing when it was not. */
export function Refusal(props: { readonly error: unknown; readonly title: string }) {
  return (
    <Show when={props.error}>
      {(error) => (
        <>
          <Problem error={error()} title={props.title} />
          <Show when={reportIn(error())}>{(report) => <BlockerList blockers={report().blockers} />}</Show>
        </>
      )}
    </Show>
  )
}
