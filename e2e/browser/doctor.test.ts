import { writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { stateFolderOf } from '../harness/state-folder.ts'
import { expectText } from '../harness/tab.ts'
import { addRepo, createWorld, type World } from '../harness/world.ts'

let world: World
let browsed: BrowsedWorld

beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
  browsed = await browseWorld(world)
})
afterAll(() => browsed.close())

it('says on a small screen what is wrong, what the repair did, and that it is well then', async () => {
  writeFiles(stateFolderOf(world), { 'trash/left/x': 'x', [`trash/${'long'.repeat(30)}/x`]: 'x' })
  const page = await (await browsed.visit()).enter('/doctor')
  await page.setViewportSize({ width: 390, height: 844 })
  await expectText(page, '2 folders that were taken away are not deleted yet')
  await page.getByRole('button', { name: 'Repair what is safe' }).click()
  await expectText(page.getByRole('list', { name: 'What the repair did' }), 'deleted what had been taken away')
  await page.getByRole('button', { name: 'Repair what is safe' }).click()
  await expectText(page, 'The repair found nothing that is safe to repair.')
  await expectText(page, /^All \d+ things looked at are well/)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true)
})
