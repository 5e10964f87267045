import type { Assignment } from './assignment.ts'
import { acceptanceOf } from './assignment.ts'
import { commit, git, type Checkout } from './checkout.ts'
import { applyEdit, canApply, readText, writeText } from './edit.ts'
import { describeTests, runNodeTests } from './node-tests.ts'
import { apiFix, webFix } from './scripted-fix.ts'

/** The two checkouts of the demo's shop. */
export interface Shop {
  readonly api: Checkout
  readonly web: Checkout
}

/** Returns the shop when the checkouts are those of `signalbox demo`, its task still open; else `undefined`. */
export function findShop(checkouts: readonly Checkout[]): Shop | undefined {
  const api = checkouts.find(({ name }) => name === 'api')
  const web = checkouts.find(({ name }) => name === 'web')
  if (api === undefined || web === undefined || checkouts.length !== 2) return undefined
  const fits = canApply(api, apiFix.edits) && canApply(web, [...webFix.staged, ...webFix.unstaged])
  const free = webFix.untracked.every(({ path }) => readText(web, path) === undefined)
  return fits && free ? { api, web } : undefined
}

/**
 * Does the demo's task in both checkouts and returns the exit code: 0 when both suites are green in the end.
 * `api` is committed; `web` is left staged, unstaged and untracked, as agents often do.
 */
export function fixShop(shop: Shop, { task, run, packet }: Assignment, say: (line: string) => void): number {
  say(`I read the packet of ${task}. It asks for:`)
  for (const line of acceptanceOf(packet)) say(`- ${line}`)
  sayTests('before', shop, say)
  say('I let api round once and name its currency, and web show amounts in one place')
  for (const edit of apiFix.edits) sayEdit(shop.api, edit.path, () => applyEdit(shop.api, edit), say)
  const paths = apiFix.edits.map(({ path }) => path)
  say(`committed api as ${commit(shop.api, paths, `${apiFix.message}\n\n${task}, ${run}`)}`)

  for (const { path, text } of webFix.untracked) sayEdit(shop.web, path, () => writeText(shop.web, path, text), say)
  for (const edit of [...webFix.staged, ...webFix.unstaged]) sayEdit(shop.web, edit.path, () => applyEdit(shop.web, edit), say)
  git(shop.web, 'add', '--', ...webFix.staged.map(({ path }) => path))
  say('left web uncommitted: one file staged, one only edited, one new')

  const failures = sayTests('after', shop, say)
  for (const name of failures) say(`still red: ${name}`)
  return failures.length === 0 ? 0 : 1
}

function sayEdit(checkout: Checkout, path: string, make: () => void, say: (line: string) => void): void {
  const before = lines(readText(checkout, path))
  make()
  const grown = lines(readText(checkout, path)) - before
  say(`edited ${checkout.name}/${path} (${before === 0 ? 'new, ' : ''}${grown >= 0 ? '+' : ''}${grown} lines)`)
}

function lines(text: string | undefined): number {
  return text === undefined ? 0 : text.split('\n').length - 1
}

/** Runs both suites, says their counts, and returns what is red. */
function sayTests(when: string, { api, web }: Shop, say: (line: string) => void): readonly string[] {
  const results = [api, web].map((checkout) => ({ name: checkout.name, ...runNodeTests(checkout) }))
  say(`node --test ${when}: ${results.map((result) => `${result.name} ${describeTests(result)}`).join('; ')}`)
  return results.flatMap(({ name, green, failures }) => (green ? [] : [`${name}: ${failures.join(', ') || 'no test passed'}`]))
}
