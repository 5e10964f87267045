import type { JSX } from 'solid-js'

/** Says in words that there is nothing here, and what would change that. */
export function Empty(props: { readonly title: string; readonly children?: JSX.Element }) {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      {props.children}
    </div>
  )
}
