import { Page } from '../parts/page.tsx'

/** Handoffs */
export function HandoffsPage() {
  return <Page title="Handoffs">{undefined}</Page>
}
