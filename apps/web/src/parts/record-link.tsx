import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import { pathOf } from '../words/ids.ts'
import { visible } from '../words/untrusted.ts'

/** Shows the id of a record or run, or `text` in its place, as a link to its page; other text stays text. */
export function RecordLink(props: { readonly id: string; readonly text?: string }) {
  return (
    <Show when={pathOf(props.id)} fallback={props.text ?? visible(props.id)}>
      {(path) => <A href={path()}>{props.text ?? props.id}</A>}
    </Show>
  )
}

/** Shows several ids, with commas between. */
export function RecordLinks(props: { readonly ids: readonly string[] }) {
  return (
    <For each={props.ids}>
      {(id, at) => (
        <>
          {at() > 0 ? ', ' : ''}
          <RecordLink id={id} />
        </>
      )}
    </For>
  )
}
