/** Follows what happens in the control plane for as long as the page is seen. */
export function followLive(): void {
  // The stream's client is not there yet; until then pages ask when they are opened.
}
