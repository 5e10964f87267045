import { useParams } from '@solidjs/router'
import { Page } from '../parts/page.tsx'

/** The page on which a human judges what a run made. */
export function ReviewPage() {
  const params = useParams()
  return (
    <Page title="Review" id={params['id']}>
      <p>Coming up.</p>
    </Page>
  )
}
