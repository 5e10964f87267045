/** Questions that are open at a time. Agents ask a handful at once; one that asks without an end would fill a human's list, and the memory. */
const mostOpen = 64

/**
 * Returns why a question is refused without being put to anybody; `undefined` when it is put. `isCut`: not all that it is about is kept, so neither
 * a rule nor a human could see what is allowed.
 */
export function refuseUnasked(isCut: boolean, open: number): string | undefined {
  if (isCut) return 'It names more than anybody would read'
  return open >= mostOpen ? `It asks for more than ${mostOpen} things at a time` : undefined
}
