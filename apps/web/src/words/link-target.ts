import { pathOf } from './ids.ts'

/** Where a link in Markdown leads: to a page of ours, out to the web, or nowhere that is followed. */
export type LinkTarget = { readonly kind: 'page'; readonly path: string } | { readonly kind: 'web'; readonly url: string } | { readonly kind: 'none' }

/** Reads the address of a link: only http and https lead out, and only to a host that can be shown; files named by a record's id are pages. */
export function linkTargetOf(address: string): LinkTarget {
  const id = /(?:^|\/)([TRHEDN]\d{3,})(?:-[^/]*)?(?:\.md)?$/.exec(address)?.[1]
  const path = id === undefined || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(address) ? undefined : pathOf(id)
  if (path !== undefined) return { kind: 'page', path }
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' ? { kind: 'web', url: url.href } : { kind: 'none' }
}
