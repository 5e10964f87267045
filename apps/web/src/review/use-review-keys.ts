import { onCleanup, onMount } from 'solid-js'
import type { Review } from './review-state.ts'

/** Keys of the review page, for the list of keys beside the diff. */
export const reviewKeys = [
  ['j', 'Next file'],
  ['k', 'Previous file'],
  ['n', 'Next hunk'],
  ['p', 'Previous hunk'],
  ['v', 'Split or unified'],
  ['x', 'Mark the file read'],
  ['m', 'Comment on the first change in sight'],
] as const

/** Listens for the keys of a review as long as the component lives. Text fields, dialogs and keys with Ctrl, Alt or ⌘ keep theirs. */
export function useReviewKeys(review: Review, comment: () => void): void {
  const acts: Readonly<Record<string, () => void>> = {
    j: () => review.goBy(1),
    k: () => review.goBy(-1),
    n: () => review.goToStop(1),
    p: () => review.goToStop(-1),
    v: review.toggleMode,
    m: comment,
    x: () => {
      const file = review.files()[review.current()]
      if (file !== undefined) review.toggleRead(file)
    },
  }
  let afterG = false
  const listen = (event: KeyboardEvent): void => {
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined
    // A key after `g` names a page.
    const taken = afterG
    afterG = event.key === 'g'
    if (act === undefined || taken || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isKept(event.target)) return
    event.preventDefault()
    act()
  }
  onMount(() => document.addEventListener('keydown', listen))
  onCleanup(() => document.removeEventListener('keydown', listen))
}

function isKept(target: EventTarget | null): boolean {
  return document.querySelector('dialog[open]') !== null || (target instanceof HTMLElement && target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))
}
