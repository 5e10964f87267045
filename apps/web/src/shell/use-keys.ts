import { onCleanup, onMount } from 'solid-js'
import { readKey, type KeyAct, type KeyState } from './keys.ts'

/** Calls `act` for every key that asks for something, as long as the component lives. */
export function useKeys(act: (asked: KeyAct) => void): void {
  let state: KeyState = 'idle'
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null) return
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
