import { Page } from '../parts/page.tsx'

/** Doctor */
export function DoctorPage() {
  return <Page title="Doctor">{undefined}</Page>
}
