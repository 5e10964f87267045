import type { RunView } from '@signalbox/core'
import { isEscaped, sayLook } from '@signalbox/core/words'
import { For, Show } from 'solid-js'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'

/** What changed in the human's own repositories while a run was on; nothing is shown where nothing did. */
export function RunBeside(props: { readonly run: RunView }) {
  const looks = () => props.run.sources.flatMap((look) => (sayLook(look) === undefined ? [] : [look]))
  return (
    <Show when={looks().length > 0}>
      <section class="run-beside" aria-label="Changes in your repositories">
        <For each={looks()}>{(look) => <p class={look.accepted === null && isEscaped([look]) ? 'bad-text' : 'warn-text'}>{visible(sayLook(look) ?? '')}.</p>}</For>
        <Twin args={`gate ${props.run.id}`} />
      </section>
    </Show>
  )
}
