import { For, type JSX } from 'solid-js'

/** Shows names and values under each other; those without a value are left out. */
export function Facts(props: { readonly rows: readonly (readonly [name: string, value: JSX.Element | undefined])[] }) {
  return (
    <dl class="facts">
      <For each={props.rows.filter(([, value]) => value !== undefined && value !== '')}>
        {([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        )}
      </For>
    </dl>
  )
}
