import { createUniqueId, Show, type JSX } from 'solid-js'

/** One field of a form: its label, the field (which gets the id), and a hint below. */
export function Field(props: { readonly label: string; readonly hint?: string; readonly children: (id: string) => JSX.Element }) {
  const id = createUniqueId()
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
      <Show when={props.hint}>{(hint) => <p class="hint">{hint()}</p>}</Show>
    </div>
  )
}
