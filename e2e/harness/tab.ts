import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** Milliseconds something may take to be seen on a busy machine. */
const patience = 15_000

/** Waits until something is on the page. */
export async function expectSeen(what: Locator): Promise<void> {
  await what.first().waitFor({ timeout: patience })
}

/** Waits until a text is somewhere on the page, or in a part of it. */
export async function expectText(where: Page | Locator, text: string | RegExp): Promise<void> {
  await expectSeen(where.getByText(text))
}

/** Marks a page, so that `expectNotReloaded` can tell whether it is still the same document. */
export async function markPage(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute('data-mark', ''))
}

/** Requires that a page was not loaded anew since `markPage`. */
export async function expectNotReloaded(page: Page): Promise<void> {
  expect(await page.locator('html[data-mark]').count()).toBe(1)
}

/** Waits until no dialog is open any more. */
export async function expectNoDialog(page: Page): Promise<void> {
  await page.locator('dialog').waitFor({ state: 'detached', timeout: patience })
}

/** The part of a review that says whether the run may land, and lands it. */
export function gateOn(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Gate' })
}

/** Presses the button that lands, and says yes in the dialog that asks once more. */
export async function land(page: Page, yes: 'Land' | 'Approve and land' | 'Refresh and land'): Promise<void> {
  await gateOn(page).getByRole('button', { name: /^Land one / }).click()
  await page.getByRole('dialog').getByRole('button', { name: yes, exact: true }).click()
}

/** Presses Tab until a link, button or field of this name has the focus, as somebody without a mouse would. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.replaceAll(/\s+/g, ' ').trim().slice(0, 200) ?? '')
    if (typeof name === 'string' ? focused === name : name.test(focused)) return
    seen.push(focused)
  }
  throw new Error(`Tab never came to ${String(name)} on ${page.url()}, but to ${[...new Set(seen)].join(' | ')}`)
}

/** Waits until a page shows its content: it has a heading, and nothing on it is still on its way. */
export async function expectSettled(page: Page): Promise<void> {
  await expectSeen(page.getByRole('heading', { level: 1 }))
  await expect.poll(() => page.getByText(/^(Loading .*|Connecting)…$/).count(), { timeout: patience }).toBe(0)
}
