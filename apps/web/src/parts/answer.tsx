import { Show, type Accessor, type JSX } from 'solid-js'
import { isUnreached } from '../api/unreached.ts'
import type { Query } from '../api/use-query.ts'
import { Problem } from './problem.tsx'

interface Props<T> {
  readonly query: Query<T>
  /** What is being looked for, as in "Loading tasks". */
  readonly what: string
  readonly children: (value: Accessor<NonNullable<T>>) => JSX.Element
}

/**
 * Shows what a question to the server brought: the answer, else why there is none, else that it is being asked. A refused
 * look is shown even above an older answer, for that one may no longer be true.
 */
export function Answer<T>(props: Props<T>) {
  const value = () => props.query.data
  const error = () => (props.query.isError && !(isUnreached(props.query.error) && value() !== undefined) ? props.query.error : undefined)
  return (
    <>
      <Show when={error()}>{(known) => <Problem error={known()} />}</Show>
      <Show when={value()} fallback={<Show when={!props.query.isError && props.query.fetchStatus !== 'idle'}>{<Loading what={props.what} />}</Show>}>
        {(known) => props.children(known)}
      </Show>
    </>
  )
}

/** Says that something is on its way; shown only when it takes long enough to be noticed. */
export function Loading(props: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      Loading {props.what}…
    </p>
  )
}
