import { git } from '@signalbox/testkit'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { untilEnded } from '../harness/live-run.ts'
import { expectNoDialog, expectNotReloaded, expectSeen, expectText, gateOn, markPage, tabTo } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

let world: World
let browsed: BrowsedWorld
let api: string

beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { 'list.js': 'head\nall\ntail\n' })
  await addRepo(world, 'api', api)
  await newTask(world, 'Show pages', '--repo', 'api')
  await runScript(world, 'T0001', `if grep -qs 'drop the last' "$SIGNALBOX_PROMPT"; then echo last >> list.js; else printf 'head\\npage one\\npage two\\ntail\\n' > list.js; fi`)
  browsed = await browseWorld(world)
})
afterAll(() => browsed.close())

const found = (page: Page): Locator => page.getByRole('region', { name: 'Findings' })
const card = (page: Page, id: string): Locator => found(page).getByRole('listitem', { name: new RegExp(`^${id},`) })

it('a reviewer says what is wrong on a line, sends it to the agent, and settles it before it lands; others see it at once', async () => {
  const visitor = await browsed.visit()
  const page = await visitor.enter('/runs/R0001/review')
  const other = await visitor.enter('/runs/R0001/review')
  await expectSeen(found(other).getByRole('button', { name: 'Comment on the run…' }))
  await markPage(other)

  // By mouse, on the number of a line; the range is typed.
  await page.locator('.row', { hasText: 'page one' }).locator('.number').last().click()
  const dialog = page.getByRole('dialog')
  await expectText(dialog, 'page one')
  await dialog.getByLabel('Last line').fill('3')
  await dialog.getByLabel('What you found').fill('These drop the last page')
  await expectText(dialog, "comment R0001.s1 --at api:list.js:2-3 'These drop the last page'")
  await dialog.getByRole('button', { name: 'Comment', exact: true }).click()
  await expectNoDialog(page)
  const note = page.getByRole('button', { name: 'F1 open: These drop the last page' })
  await expectSeen(note)
  expect(await page.evaluate(() => [...document.querySelectorAll('.row')].map(({ textContent }) => textContent?.replaceAll(/[\s\d]+/g, ' ').trim()).join('|'))).toMatch(/page two\|F open: These drop the last page\|/)
  await expectText(gateOn(page), '1 finding is open: F1 (api/list.js)')
  await expectText(card(other, 'F1'), 'api/list.js:2-3')
  await expectNotReloaded(other)

  // What somebody else says comes in without taking the focus, or what is typed, away.
  await note.focus()
  await world.call(['comment', 'R0001', '--at', 'api:list.js:1', 'Said elsewhere'])
  await expectSeen(page.getByRole('button', { name: 'F2 open: Said elsewhere' }))
  expect(await note.evaluate((button) => button === document.activeElement)).toBe(true)
  await card(page, 'F1').getByRole('button', { name: 'Reply…' }).click()
  await page.keyboard.type('half a')
  await world.call(['comment', 'R0001', '--declined', 'F2'])
  await expectSeen(page.getByRole('button', { name: 'F2 declined: Said elsewhere' }))
  await page.keyboard.type(' word')
  expect(await card(page, 'F1').getByLabel('What to say').inputValue()).toBe('half a word')
  await card(page, 'F1').getByRole('button', { name: 'Reply', exact: true }).click()
  await expectText(card(other, 'F1'), 'half a word')

  // By keyboard: the key takes the first change in sight, Tab comes to the rest.
  await page.keyboard.press('m')
  await expectSeen(dialog)
  expect(await dialog.getByLabel('First line').inputValue()).toBe('2')
  await page.keyboard.type('Is all gone?')
  await tabTo(page, 'Comment')
  await page.keyboard.press('Enter')
  await expectNoDialog(page)
  await note.focus()
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('finding-F1')
  await card(page, 'F3').getByRole('button', { name: 'Reply…' }).click()
  await page.keyboard.type('No, see above')
  await card(page, 'F3').getByRole('button', { name: 'Decline', exact: true }).click()
  await expectText(card(page, 'F3'), /declined by/)
  await expectText(card(other, 'F3'), 'No, see above')

  // On a small screen.
  await page.setViewportSize({ width: 390, height: 844 })
  await card(page, 'F1').getByRole('button', { name: 'api/list.js:2-3' }).click()
  await expectSeen(note)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await found(page).getByRole('button', { name: 'Request changes…' }).click()
  await expectText(dialog, /Lets R0001 go on in its workspace: shell [^]*is told of 1 open finding, in one message\. What it leaves is the next round\./)
  await dialog.getByRole('button', { name: 'Let it go on' }).click()
  await expectSeen(page.getByRole('heading', { level: 1, name: /^R0001(?! Review)/ }))
  await untilEnded(world, 'R0001')

  await page.goto(`${browsed.server.url}/runs/R0001/review`)
  await expectText(page, 's2 latest')
  await expectText(gateOn(page), /^1 finding is open/)
  await card(page, 'F1').getByRole('button', { name: 'Addressed', exact: true }).click()
  await expectText(gateOn(page), 'Waits for your approval')
  await expectSeen(page.getByRole('button', { name: 'F1 addressed: These drop the last page' }))
  await card(page, 'F1').getByRole('button', { name: 'Reopen', exact: true }).click()
  await expectText(gateOn(page), /^1 finding is open/)
  expect(git(world.memory, 'status', '--porcelain')).toBe('')
})

it('says so where a word is refused, and keeps what was typed', async () => {
  const visitor = await browsed.visit({ colorScheme: 'dark' })
  const page = await visitor.enter('/runs/R0001/review')
  await found(page).getByRole('button', { name: 'Comment on the run…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.keyboard.press('m')
  const dialog = page.getByRole('dialog')
  visitor.expectFaults(/404/)
  await dialog.getByLabel('First line').fill('99')
  await dialog.getByLabel('What you found').fill('Beyond the end')
  await dialog.getByRole('button', { name: 'Comment', exact: true }).click()
  await expectText(dialog, 'line.not_found')
  expect(await dialog.getByLabel('What you found').inputValue()).toBe('Beyond the end')
})

it('does not say that a word was refused, nor that it comes by itself, where the server did not answer', async () => {
  const visitor = await browsed.visit()
  visitor.expectFaults(/ERR_CONNECTION_RESET/)
  const page = await visitor.enter('/runs/R0001/review')
  await found(page).getByRole('button', { name: 'Comment on the run…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What you found').fill('Said into the void')
  await page.route('**/api/**', (route) => (route.request().method() === 'POST' ? route.abort('connectionreset') : route.continue()))
  await dialog.getByRole('button', { name: 'Comment', exact: true }).click()
  await expectText(dialog, 'it is not known whether this was done')
  expect(await dialog.getByText(/refused|asks again/).count()).toBe(0)
  expect(await dialog.getByLabel('What you found').inputValue()).toBe('Said into the void')
  await page.unrouteAll()
  await dialog.getByRole('button', { name: 'Comment', exact: true }).click()
  await expectNoDialog(page)
  await expectText(found(page), 'Said into the void')
})

it('is said of a round, and not of one commit of it, whose lines have other numbers', async () => {
  const task = await newTask(world, 'Commit twice', '--repo', 'api')
  const { id } = await runScript(world, task, 'for n in one two; do sed -i "1i $n" list.js; git commit -qam "add $n"; done')
  await world.call(['comment', id, '--at', 'api:list.js:2', 'Why one?'])
  const visitor = await browsed.visit()
  const page = await visitor.enter(`/runs/${id}/review`)
  const note = page.getByRole('button', { name: 'F1 open: Why one?' })
  await expectSeen(note)
  await page.getByText('2 commits of the agent').click()
  await page.getByRole('link', { name: /add one/ }).click()
  await expectText(page, 'Below is what one of them changed.')
  await expectSeen(card(page, 'F1'))
  await page.keyboard.press('m')
  expect([await note.count(), await page.getByRole('button', { name: 'Comment…', exact: true }).count(), await page.getByRole('dialog').count()]).toEqual([0, 0, 0])
})
