import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { pageMoments } from '../harness/page-moments.ts'
import { createRichWorld, type RichWorld } from '../harness/rich-world.ts'
import { expectSeen, expectSettled } from '../harness/tab.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe says of a page, as far as it is looked at here. */
interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }[]
}

const widths = [1280, 390] as const
const height = 844

/** What of a page can differ between light and dark: the markup is the same. */
const aboutColour = ['color-contrast', 'link-in-text-block']

describe('every page and dialog', () => {
  let rich: RichWorld
  let browsed: BrowsedWorld

  beforeAll(async () => {
    rich = await createRichWorld()
    browsed = await browseWorld(rich.world, () => rich.close())
  })
  afterAll(() => browsed.close())

  it('has no violation that axe knows at any width, in light or dark, and nothing beside the screen', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter()
    await page.addInitScript({ content: axe })
    const found: Record<string, unknown> = {}
    const pages = Object.entries(rich.pages).map(([name, path]) => [name, { path, act: undefined }] as const)
    for (const [name, { path, act }] of [...pages, ...Object.entries(pageMoments(rich))]) {
      await page.setViewportSize({ width: widths[0], height })
      await page.goto(browsed.server.url + path)
      await expectSettled(page)
      await act?.(page)
      if (act !== undefined) await expectSeen(page.getByRole('dialog'))
      for (const width of widths) {
        await page.setViewportSize({ width, height })
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          const violations = await findViolations(page, colorScheme === 'dark' ? aboutColour : undefined)
          if (violations.length > 0) found[`${name} at ${width} px, ${colorScheme}`] = violations
        }
        const beside = await findBeside(page)
        if (beside.length > 0) found[`${name} is wider than ${width} px`] = beside
      }
    }
    expect(found).toEqual({})
  }, 180_000)
})

async function findViolations(page: Page, runOnly: readonly string[] | undefined): Promise<readonly string[]> {
  const options = { resultTypes: ['violations'], ...(runOnly === undefined ? {} : { runOnly: { type: 'rule', values: runOnly } }) }
  const { violations } = await page.evaluate(async (how) => (Reflect.get(window, 'axe') as { run: (options: object) => Promise<AxeResults> }).run(how), options)
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`))
}

/** Returns what reaches beyond the right edge of the screen, if the page can be scrolled there. */
function findBeside(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1).slice(-3).map((element) => element.outerHTML.slice(0, 160))
  })
}
