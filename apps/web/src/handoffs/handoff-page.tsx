import { Page } from '../parts/page.tsx'

/** Handoff */
export function HandoffPage() {
  return <Page title="Handoff">{undefined}</Page>
}
