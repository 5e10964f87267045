/** One page that the navigation, the palette and the keyboard lead to. */
export interface Place {
  readonly path: string
  readonly name: string
  /** Pressed after `g`. */
  readonly key: string
}

/** Every page with an address of its own, in the order of the navigation. */
export const places: readonly Place[] = [
  { path: '/', name: 'Board', key: 'b' },
  { path: '/runs', name: 'Runs', key: 'r' },
  { path: '/handoffs', name: 'Handoffs', key: 'h' },
  { path: '/efforts', name: 'Efforts', key: 'e' },
  { path: '/decisions', name: 'Decisions', key: 'd' },
  { path: '/notes', name: 'Notes', key: 'n' },
  { path: '/search', name: 'Search', key: 's' },
  { path: '/repos', name: 'Repos', key: 'p' },
  { path: '/doctor', name: 'Doctor', key: 'o' },
  { path: '/reference', name: 'Reference', key: 'a' },
]
