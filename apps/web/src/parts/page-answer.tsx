import { Show, type Accessor, type JSX } from 'solid-js'
import type { Query } from '../api/use-query.ts'
import { Answer } from './answer.tsx'
import { Page } from './page.tsx'

interface Props<T> {
  readonly query: Query<T>
  /** Id of what the page is about: its heading until more is known, and where it cannot be read. */
  readonly id: string
  readonly children: (value: Accessor<NonNullable<T>>) => JSX.Element
}

/** Shows a page about one thing: while it is being read, and where that is refused, the page has its heading all the same. */
export function PageAnswer<T>(props: Props<T>) {
  const heading = () => (props.query.isError ? 'could not be read' : '')
  return (
    <Show
      when={props.query.data !== undefined}
      fallback={
        <Page title={heading()} id={props.id}>
          <Answer query={props.query} what={props.id}>
            {() => undefined}
          </Answer>
        </Page>
      }
    >
      <Answer query={props.query} what={props.id}>
        {(known) => props.children(known)}
      </Answer>
    </Show>
  )
}
