import { Page } from '../parts/page.tsx'

/** New task */
export function NewTask() {
  return <Page title="New task">{undefined}</Page>
}
