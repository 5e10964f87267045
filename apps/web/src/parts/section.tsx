import { createUniqueId, type JSX } from 'solid-js'

/** One titled part of a page. */
export function Section(props: { readonly title: string; readonly beside?: JSX.Element; readonly class?: string; readonly children: JSX.Element }) {
  const id = createUniqueId()
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.beside}
      </header>
      {props.children}
    </section>
  )
}
