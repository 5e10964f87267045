import { For } from 'solid-js'

/** Lists keys and what they do. */
export function KeyList(props: { readonly keys: readonly (readonly [key: string, what: string])[] }) {
  return (
    <dl class="keys">
      <For each={props.keys}>
        {([key, what]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        )}
      </For>
    </dl>
  )
}
