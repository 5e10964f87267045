import { Page } from '../parts/page.tsx'

/** Search */
export function SearchPage() {
  return <Page title="Search">{undefined}</Page>
}
