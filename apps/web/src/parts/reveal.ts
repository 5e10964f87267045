import { onMount } from 'solid-js'

/** Scrolls an element that has just appeared in a dialog into sight: a refusal below the fold would look like nothing happened. */
export function reveal(element: HTMLElement): void {
  onMount(() => {
    if (element.closest('dialog') !== null) element.scrollIntoView({ block: 'nearest' })
  })
}
