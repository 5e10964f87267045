import { Page } from '../parts/page.tsx'

/** Run */
export function RunPage() {
  return <Page title="Run">{undefined}</Page>
}
