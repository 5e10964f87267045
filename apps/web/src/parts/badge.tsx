import type { Standing } from '../words/states.ts'

/** Shows a state as a word with its colour. */
export function Badge(props: { readonly standing: Standing }) {
  return <span class={`badge badge-${props.standing.tone}`}>{props.standing.word}</span>
}
