import { expect, test } from 'vitest'
import { linkTargetOf } from './link-target.ts'

test.each(['javascript:alert(1)', ' javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', '//evil.example/T0001', 'https://you@evil.example/', '', '#x'])('%j leads nowhere', (address) => {
  expect(linkTargetOf(address)).toEqual({ kind: 'none' })
})

test('http and https lead out, spelt as the browser reads them', () => {
  expect(linkTargetOf('https://EXAMPLE.com/a b')).toEqual({ kind: 'web', url: 'https://example.com/a%20b' })
})

test.each([
  ['../notes/N0088-cache.md', '/notes/N0088'],
  ['D0031', '/decisions/D0031'],
  ['../tasks/T0001-x.md', '/tasks/T0001'],
])('%s is a page', (address, path) => {
  expect(linkTargetOf(address)).toEqual({ kind: 'page', path })
})
