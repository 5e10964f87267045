import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { expectNoDialog, expectText } from '../harness/tab.ts'
import { createWorld, type World } from '../harness/world.ts'

let world: World
let browsed: BrowsedWorld

beforeAll(async () => {
  world = await createWorld()
  browsed = await browseWorld(world)
})
afterAll(() => browsed.close())

it('says which branch work lands on where none is named, and that is so', async () => {
  const source = world.source('api', { 'file.txt': 'before\n' })
  git(source, 'checkout', '-q', '-b', 'side')
  const page = await (await browsed.visit()).enter('/repos')
  await page.getByRole('button', { name: 'Add a repo' }).first().click()
  const dialog = page.getByRole('dialog')
  await expectText(dialog, 'Empty: main where there is one, else the branch it is on now.')
  await dialog.getByLabel('Path on this machine').fill(source)
  await dialog.getByLabel('Name', { exact: true }).fill('api')
  await dialog.getByRole('button', { name: 'Add the repo' }).click()
  await expectNoDialog(page)
  expect(readFileSync(join(world.memory, 'signalbox.yaml'), 'utf8')).toContain('base_branch: main}')
})
