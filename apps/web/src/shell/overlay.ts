import { createSignal } from 'solid-js'

/** What lies above the page; at most one at a time. */
export type Overlay = { readonly kind: 'none' } | { readonly kind: 'palette' } | { readonly kind: 'help' } | { readonly kind: 'new_task' }

const [overlay, setOverlay] = createSignal<Overlay>({ kind: 'none' })
export { overlay }

/** Opens one overlay in place of any other. */
export function openOverlay(kind: Exclude<Overlay['kind'], 'none'>): void {
  setOverlay({ kind })
}

/** Closes whatever is open. */
export function closeOverlay(): void {
  setOverlay({ kind: 'none' })
}
