import { onCleanup, onMount } from 'solid-js'
import { readKey, type KeyAct, type KeyState } from './keys.ts'
import { overlay } from './overlay.ts'

/** Calls `act` for every key that asks for something, as long as the component lives. */
export function useKeys(act: (asked: KeyAct) => void): void {
  let state: KeyState = 'idle'
  const listen = (event: KeyboardEvent): void => {
    // What was asked for is on its way and may not be open yet: what is typed meanwhile is meant for it.
    const covered = overlay().kind !== 'none' || document.querySelector('dialog[open]') !== null
    if (event.defaultPrevented || event.isComposing || covered) return
    const { key, ctrlKey, metaKey, altKey } = event
    const read = readKey(state, { key, ctrlKey, metaKey, altKey, typing: isTyping(event.target) })
    state = read.state
    if (read.act === undefined) return
    event.preventDefault()
    act(read.act)
  }
  onMount(() => document.addEventListener('keydown', listen))
  onCleanup(() => document.removeEventListener('keydown', listen))
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}
