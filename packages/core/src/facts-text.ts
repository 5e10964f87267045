/** Returns facts as text that is the same for equal facts, whatever the order of their keys. */
export function factsText(facts: object): string {
  return JSON.stringify(facts, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value,
  )
}
