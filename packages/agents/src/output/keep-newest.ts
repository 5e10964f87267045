/** Forgets the oldest of what is kept, in the order in which it came, beyond as many as `most`. An agent that never ends would fill the memory. */
export function keepNewest<K>(kept: { readonly size: number; keys(): Iterable<K>; delete(key: K): unknown }, most: number): void {
  for (const key of kept.keys()) {
    if (kept.size <= most) return
    kept.delete(key)
  }
}
