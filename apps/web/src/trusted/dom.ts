import { trustTemplate } from './policy.ts'

// Everything that compiled components use of Solid's runtime, as it is, but for `template` below. Listed by name: what
// sets HTML from a value (`innerHTML`, hydration) is not among them.
export {
  addEventListener,
  classList,
  className,
  createComponent,
  delegateEvents,
  Dynamic,
  effect,
  getRequestEvent,
  insert,
  isServer,
  memo,
  mergeProps,
  Portal,
  render,
  setAttribute,
  setStyleProperty,
  spread,
  style,
  use,
} from 'solid-js/web'

/** Returns a maker of copies of one compiled piece of markup, parsed when the first is asked for. */
export function template(html: string, _imported?: boolean, svg?: boolean): () => Node | null | undefined {
  let first: Node | null | undefined
  const parse = (): Node | null | undefined => {
    const holder = document.createElement('template')
    holder.innerHTML = trustTemplate(html)
    return svg === true ? holder.content.firstChild?.firstChild : holder.content.firstChild
  }
  return () => (first ??= parse())?.cloneNode(true)
}
