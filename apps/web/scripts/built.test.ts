import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gzipped, scriptsOf } from './first-load.ts'

const client = join(import.meta.dirname, '../dist/client')
const files = readdirSync(client, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))

test('the first page loads at most 45 kB of JavaScript', () => {
  expect(gzipped(scriptsOf('index.html'))).toBeLessThanOrEqual(45_000)
})

test('the review page adds at most 30 kB to it', () => {
  const first = new Set(scriptsOf('index.html'))
  expect(gzipped(scriptsOf('src/review/review-page.tsx').filter((file) => !first.has(file)))).toBeLessThanOrEqual(30_000)
})

test('nothing in the built files names the product: who has no token does not learn what runs here', () => {
  expect(files.filter((file) => /signalbox/i.test(readFileSync(file, 'utf8')))).toEqual([])
})

test('no page has a script or a style of its own, which the policy would refuse', () => {
  const html = readFileSync(join(client, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i)
})

test('no template sets a style attribute, which the policy would refuse', () => {
  // A template is the only text of ours that becomes markup; there an attribute follows a tag's name or another attribute.
  const styled = files.filter((file) => file.endsWith('.js') && /`<[a-z][^`]*\sstyle=/.test(readFileSync(file, 'utf8')))
  expect(styled).toEqual([])
})
