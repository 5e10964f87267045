import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../harness/browser.ts'
import { addLines, measureFirstLayout } from '../harness/long-diff.ts'
import { serveWorld, type ServedWorld } from '../harness/served-world.ts'
import { expectSeen, expectText } from '../harness/tab.ts'
import { visit } from '../harness/visitor.ts'
import { addRepo, createWorld, type World } from '../harness/world.ts'

const lines = 50_000

describe(`a diff of ${lines} lines`, () => {
  let world: World
  let server: ServedWorld
  let browser: Browser
  let run: string

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
    run = await addLines(world, lines)
    server = await serveWorld(world)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await world.close()
  })

  it('keeps the page small wherever one looks, and shows every line', async () => {
    const visitor = await visit(browser, server)
    const page = await visitor.enter()
    const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)
    await measureFirstLayout(page, server.url, run)
    expect(await nodes()).toBeLessThanOrEqual(1_500)
    await page.getByRole('navigation', { name: 'Changed files' }).getByRole('button').last().click()
    const changes = page.getByRole('region', { name: 'Changes' })
    await expectSeen(changes.getByRole('heading', { name: 'api added/9.js' }))
    expect(await nodes()).toBeLessThanOrEqual(1_500)
    await changes.evaluate((region) => {
      // What scrolls is the region or something in it.
      for (const element of [region, ...region.querySelectorAll('*')]) element.scrollTop = element.scrollHeight
    })
    await expectText(changes, `// line ${lines / 10}`)
    expect(await nodes()).toBeLessThanOrEqual(1_500)
  })
})
