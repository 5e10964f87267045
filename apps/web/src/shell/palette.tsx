import { Page } from '../parts/page.tsx'

/** Palette */
export function Palette() {
  return <Page title="Palette">{undefined}</Page>
}
