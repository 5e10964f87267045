import { places } from './places.ts'

/** What a key asks for. */
export type KeyAct = { readonly kind: 'go'; readonly path: string } | { readonly kind: 'palette' | 'help' | 'search' | 'new_task' }

/** The part of a keyboard event that decides. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** Whether the key goes into a text field. */
  readonly typing: boolean
}

/** Where the keyboard stands: nothing, or after a `g` that waits for its second key. */
export type KeyState = 'idle' | 'go'

/** Reads one key; text fields keep all of theirs but the palette's. */
export function readKey(state: KeyState, press: KeyPress): { readonly state: KeyState; readonly act: KeyAct | undefined } {
  const { key, typing } = press
  const held = press.ctrlKey || press.metaKey
  if (held && !press.altKey && key.toLowerCase() === 'k') return { state: 'idle', act: { kind: 'palette' } }
  if (typing || held || press.altKey) return { state: 'idle', act: undefined }
  if (state === 'go') {
    const place = places.find((candidate) => candidate.key === key)
    return { state: 'idle', act: place === undefined ? undefined : { kind: 'go', path: place.path } }
  }
  return key === 'g' ? { state: 'go', act: undefined } : { state: 'idle', act: singleKeys.get(key) }
}

const singleKeys = new Map<string, KeyAct>([
  ['?', { kind: 'help' }],
  ['/', { kind: 'search' }],
  ['c', { kind: 'new_task' }],
])
