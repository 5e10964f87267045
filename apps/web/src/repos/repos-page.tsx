import { Page } from '../parts/page.tsx'

/** Repos */
export function ReposPage() {
  return <Page title="Repos">{undefined}</Page>
}
