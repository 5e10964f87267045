import type { RunDiff } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'

/** Above a diff between two rounds: what it is, and what of it could not be compared. */
export function SinceNotes(props: { readonly since: RunDiff['since'] }) {
  return (
    <Show when={props.since}>
      {(since) => (
        <div class="since" classList={{ notice: since().repos.some(({ conflicts }) => conflicts.length > 0) }} role="status">
          <For each={since().says}>{(sentence) => <p>{visible(sentence)}.</p>}</For>
        </div>
      )}
    </Show>
  )
}
