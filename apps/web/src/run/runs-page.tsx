import { Page } from '../parts/page.tsx'

/** Runs */
export function RunsPage() {
  return <Page title="Runs">{undefined}</Page>
}
