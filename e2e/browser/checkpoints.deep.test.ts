import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { quick, setCheckpoints } from '../harness/checkpoints.ts'
import { startRun, untilEnded } from '../harness/live-run.ts'
import { expectNotReloaded, expectSeen, expectText, gateOn, markPage } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, type World } from '../harness/world.ts'

let world: World
let browsed: BrowsedWorld

beforeAll(async () => {
  world = await createWorld()
  setCheckpoints(world, quick)
  await addRepo(world, 'api', world.source('api', { 'count.txt': 'one\n' }))
  browsed = await browseWorld(world)
})
afterAll(() => browsed.close())

it('shows checkpoints on a timeline while the run works, what each changed, and how to go back to one, on a small screen too', async () => {
  const task = await newTask(world, 'Count on', '--repo', 'api')
  const waitFor = (name: string): string => `until [ -e '${join(world.dir, name)}' ]; do sleep 0.02; done`
  const { id } = await startRun(world, task, `echo two >> count.txt; ${waitFor('second')}; echo three >> count.txt; ${waitFor('end')}`)
  const visitor = await browsed.visit()
  const page = await visitor.enter(`/runs/${id}`)
  await page.setViewportSize({ width: 390, height: 800 })
  await markPage(page)
  const saved = page.getByRole('region', { name: 'Snapshots' })
  const entry = (number: number) => saved.getByRole('listitem').filter({ hasText: `${id}.s${number}` })
  await expectText(entry(1), /checkpoint, its files came to rest\s+api 1 file \+1/)
  writeFileSync(join(world.dir, 'second'), '')
  await expectText(entry(2), /checkpoint, its files came to rest\s+api 1 file \+2/)
  await saved.getByText('Go back to one of them').click()
  await expectText(saved, `restore ${id}.s2 FOLDER`)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)

  await entry(2).getByRole('link', { name: `${id}.s2` }).click()
  await expectText(page, /is a checkpoint, saved while the run was at work/)
  await expectText(page, 'three')
  await page.getByRole('link', { name: 'since s1' }).click()
  await expectSeen(page.getByText(`Only what ${id}.s2 changes of ${id}.s1`))
  expect(await gateOn(page).getByRole('button', { name: /^(Land|Approve)/ }).count()).toBe(0)

  writeFileSync(join(world.dir, 'end'), '')
  await untilEnded(world, id)
  await expectSeen(page.getByRole('link', { name: `look at ${id}.s3` }))
  await expectNotReloaded(page)
})
