import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { addLines, measureFirstLayout } from '../harness/long-diff.ts'
import { expectSeen, expectText } from '../harness/tab.ts'
import { addRepo, createWorld, type World } from '../harness/world.ts'

const lines = 50_000

describe(`a diff of ${lines} lines`, () => {
  let world: World
  let browsed: BrowsedWorld
  let run: string

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
    run = await addLines(world, lines)
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  it('keeps the page small wherever one looks, and shows every line', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter()
    const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)
    await measureFirstLayout(page, browsed.server.url, run)
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
