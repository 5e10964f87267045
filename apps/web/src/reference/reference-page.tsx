import { Page } from '../parts/page.tsx'

/** Reference */
export function ReferencePage() {
  return <Page title="Reference">{undefined}</Page>
}
