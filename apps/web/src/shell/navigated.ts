let navigated = false

/** Notes that the human went from one page to another: from now on a page's heading takes the focus. */
export function noteNavigation(): void {
  navigated = true
}

/** Tells whether this page was reached from another one; the first keeps the browser's own focus. */
export function wasNavigated(): boolean {
  return navigated
}
