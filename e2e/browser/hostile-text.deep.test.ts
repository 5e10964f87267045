import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { hostileTexts } from '../harness/hostile-text.ts'
import { createHostileWorld } from '../harness/hostile-world.ts'
import { expectSeen, expectSettled, gateOn } from '../harness/tab.ts'
import type { World } from '../harness/world.ts'

/** Every page on which text of agents, repositories or records is shown. */
const pages = ['/', '/runs', '/runs/R0001', '/handoffs', '/handoffs/H0001', '/handoffs/H0002', '/handoffs/H0003', '/efforts', '/efforts/E001', '/decisions', '/decisions/D0001', '/notes', '/notes/N0001', '/repos', '/doctor', '/tasks/T0001'] as const

/**
 * That nothing is called, loaded or reported is seen by `visit`, on every page, for as long as it is open: the texts call a
 * canary. Beyond that no text may have become markup of its own.
 */
describe('hostile text', () => {
  let world: World
  let browsed: BrowsedWorld

  beforeAll(async () => {
    world = await createHostileWorld()
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  it('stays text in titles, bodies, names, messages, transcripts and handoffs', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter()
    for (const path of pages) {
      await page.goto(browsed.server.url + path)
      await expectSettled(page)
      await openDetails(page)
      expect({ path, foreign: await findForeign(page) }).toEqual({ path, foreign: [] })
    }
    await page.goto(browsed.server.url)
    await page.getByRole('button', { name: /^Show \d+ more$/ }).first().click()
    await expectSeen(page.getByRole('link', { name: hostileTexts.at(-1) ?? '', exact: true }))
    expect(await findForeign(page)).toEqual([])
    expect(hostileTexts.length).toBeGreaterThan(60)
  })

  it('stays text in all that a run said, and in the packet it was given', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter('/runs/R0001')
    const said = page.getByRole('region', { name: 'What the run said' })
    const seen = new Set<string>()
    await expectSeen(said)
    for (let top = 0; top < (await said.evaluate((region) => region.scrollHeight)); top += 300) {
      await said.evaluate((region, to) => region.scrollTo(0, to), top)
      seen.add((await said.textContent()) ?? '')
      expect(await findForeign(page)).toEqual([])
    }
    const text = [...seen].join('\n')
    for (const streams of ['<script>canary(1)</script>', '<svg onload=canary(15)>', '<img src=x onerror=canary("check")>']) expect(text).toContain(streams)
    await page.getByRole('button', { name: 'Read it' }).click()
    await expectSeen(page.getByRole('dialog').getByText('canary').first())
    expect(await findForeign(page)).toEqual([])
  })

  it('stays text in the diff, the names of files and branches, the output of checks, and what was found', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter('/runs/R0001/review')
    await expectSeen(gateOn(page).getByText('checks_failed'))
    await openDetails(page)
    const found = page.getByRole('region', { name: 'Findings' })
    for (const text of ['</textarea><script>canary(3)</script>', '<embed src="data:text/html,<script>canary(23)</script>">']) await expectSeen(found.getByText(text))
    const seen = new Set<string>()
    expect(await page.getByRole('navigation', { name: 'Changed files' }).getByRole('button').count()).toBeGreaterThan(30)
    for (const mode of ['unified', 'split'] as const) {
      if (mode === 'split') await page.getByRole('button', { name: 'Split' }).click()
      for (let hunk = 0; hunk < 24; hunk += 1) {
        for (const key of ['n', 'n']) await page.keyboard.press(key)
        for (const text of await page.getByRole('region', { name: 'Changes' }).locator('code').allTextContents()) seen.add(text)
        expect(await findForeign(page)).toEqual([])
      }
    }
    expect([...seen].some((text) => text.includes('<img src=x onerror=canary(8)>'))).toBe(true)
    await found.getByRole('button', { name: /^api\/old\.txt:1-40/ }).click()
    await expectSeen(page.getByRole('button', { name: /^F1 open: / }))
    expect(await findForeign(page)).toEqual([])
  })

  it('stays text in what is searched and where one goes', async () => {
    const visitor = await browsed.visit()
    visitor.expectFaults(/status of 40[04]/)
    const page = await visitor.enter('/search')
    for (const text of ['<img src=x onerror=canary(8)>', '"><svg onload=canary(9)>', 'javascript:canary(10)', '{{constructor}}', '"unclosed']) {
      await page.goto(`${browsed.server.url}/search?q=${encodeURIComponent(text)}`)
      await expectSettled(page)
      expect(await findForeign(page)).toEqual([])
      await page.goto(`${browsed.server.url}/${encodeURIComponent(text)}`)
      await expectSettled(page)
      expect(await findForeign(page)).toEqual([])
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').fill('onerror')
    await expectSeen(page.getByRole('dialog').getByRole('option').getByText('onerror'))
    expect(await findForeign(page)).toEqual([])
  })
})

/** Opens whatever is folded, so that what is inside is on the page, too. */
async function openDetails(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
  await expectSettled(page)
}

/** Returns elements and attributes that our pages never make: only text that became markup could. */
function findForeign(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const foreign: string[] = []
    for (const element of document.querySelectorAll('*')) {
      const name = element.localName
      if (['iframe', 'object', 'embed', 'img', 'video', 'audio', 'base', 'foreignobject', 'math', 'frame', 'applet', 'marquee'].includes(name)) foreign.push(element.outerHTML.slice(0, 200))
      if (name === 'script' && !(element.getAttribute('src') ?? '').startsWith('/assets/')) foreign.push(element.outerHTML.slice(0, 200))
      for (const attribute of element.attributes) {
        if (attribute.name.startsWith('on') || attribute.name === 'srcdoc' || (attribute.name === 'style' && /url|import|expression/i.test(attribute.value))) foreign.push(element.outerHTML.slice(0, 200))
      }
      if (element instanceof HTMLAnchorElement) {
        const url = new URL(element.href, location.href)
        const isOurs = url.origin === location.origin
        const isWeb = ['http:', 'https:'].includes(url.protocol) && element.rel.includes('noopener') && (element.parentElement?.textContent ?? '').includes(url.hostname)
        if (!isOurs && !isWeb) foreign.push(element.outerHTML.slice(0, 200))
      }
    }
    return foreign
  })
}
