import { createEffect, onMount, type JSX } from 'solid-js'
import { session } from '../session/session.ts'
import { wasNavigated } from '../shell/navigated.ts'

interface Props {
  /** What the window and the page are called. */
  readonly title: string
  /** Before the title in small letters: the id of what is shown. */
  readonly id?: string | undefined
  /** Beside the title: states and the like. */
  readonly beside?: JSX.Element
  /** Buttons for what can be done here. */
  readonly actions?: JSX.Element
  readonly children: JSX.Element
}

/** One page: its heading, which has the focus after a navigation so that keyboards and screen readers begin there. */
export function Page(props: Props) {
  createEffect(() => {
    const now = session()
    const name = [props.id, props.title].filter((part) => part !== undefined && part !== '').join(' ')
    document.title = now.kind === 'open' ? `${name} · ${now.identity.product}` : name
  })
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          <PageHeading id={props.id} title={props.title} />
          {props.beside}
        </div>
        <div class="page-actions">{props.actions}</div>
      </header>
      {props.children}
    </>
  )
}

function PageHeading(props: { readonly id: string | undefined; readonly title: string }) {
  const begin = (heading: HTMLHeadingElement): void =>
    onMount(() => {
      if (wasNavigated()) heading.focus({ preventScroll: true })
    })
  return (
    <h1 ref={begin} tabindex="-1">
      {props.id === undefined ? null : <span class="page-id">{props.id} </span>}
      {props.title}
    </h1>
  )
}
