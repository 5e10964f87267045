import { A, useLocation } from '@solidjs/router'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { visible } from '../words/untrusted.ts'

/** What an address that leads nowhere shows. */
export function NotFoundPage() {
  const location = useLocation()
  return (
    <Page title="Not found">
      <Empty title="There is no page at this address.">
        <p>
          <code>{visible(location.pathname)}</code>
        </p>
        <p>
          <A href="/">Go to the board</A> or <A href="/search">search</A> for what you were after.
        </p>
      </Empty>
    </Page>
  )
}
