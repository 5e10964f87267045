import { Page } from '../parts/page.tsx'

/** Records */
export function RecordsPage() {
  return <Page title="Records">{undefined}</Page>
}
