import type { FindingView } from '@signalbox/core'
import { Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'

/** A row of the diff that says what was found above it, shortly; the whole of it is in the list of findings, where it leads. */
export function NoteLine(props: { readonly finding: FindingView | undefined }) {
  return (
    <Show when={props.finding}>
      {(finding) => (
        <button type="button" class="row note-row" classList={{ settled: isSettled(finding()) }} onClick={() => showInList(finding())}>
          {finding().id} {finding().state}: {visible(finding().text.replaceAll(/\s+/g, ' '))}
        </button>
      )}
    </Show>
  )
}

/** Tells whether somebody said that a finding is seen to, or left as it is. */
export function isSettled({ state }: Pick<FindingView, 'state'>): boolean {
  return state === 'addressed' || state === 'declined'
}

function showInList({ id }: FindingView): void {
  const listed = document.getElementById(`finding-${id}`)
  listed?.scrollIntoView({ block: 'center' })
  listed?.focus()
}
