import { Page } from '../parts/page.tsx'

/** Task */
export function TaskPage() {
  return <Page title="Task">{undefined}</Page>
}
