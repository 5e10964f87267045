import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { commitsForm } from '../harness/contract.ts'
import { expectNotReloaded, expectSeen, expectText, gateOn, markPage } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

let world: World
let browsed: BrowsedWorld

beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'count.txt': 'one\n' }))
  browsed = await browseWorld(world)
})
afterAll(() => browsed.close())

it('shows each commit of an agent, whatever it calls itself, and lands them as they are, on a small screen too', async () => {
  const api = join(world.dir, 'api')
  const { id } = await runScript(world, await newTask(world, 'Count on', '--repo', 'api'), `
    git config user.name 'A<b>d\u202ea'; git config user.email agent@example.org
    echo two >> count.txt; git commit -qam 'Count to <b>two</b>' -m 'And a reason.'; echo three >> count.txt; git commit -qam 'Count to three'; echo left > left.txt`.replace('\\u202e', '\u202e'))
  const [shown] = (await world.ask(commitsForm, ['diff', id, '--commits'])).repos
  const visitor = await browsed.visit({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
  const page = await visitor.enter(`/runs/${id}/review`)
  await markPage(page)
  const gate = gateOn(page)
  await page.getByText('2 commits of the agent').click()
  const commits = page.getByRole('region', { name: 'Commits in api' })
  await expectText(commits, /by A?.*d\\u202ea <agent@example\.org>/)
  await commits.getByRole('link', { name: 'Count to <b>two</b>' }).click()
  await expectText(commits, 'And a reason.')
  const diff = page.getByRole('region', { name: 'Diff' })
  await expectText(diff, 'File 1 of 1')
  await expectText(diff, 'two')
  expect(await diff.getByText('three').count()).toBe(0)
  await commits.getByRole('link', { name: 'what is in no commit' }).click()
  await expectText(diff, 'left')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await page.getByRole('link', { name: 'Look at all changes' }).click()
  await expectText(diff, 'File 1 of 2')

  await gate.getByRole('button', { name: 'Land one commit (2 files, +3) on api → main. Nothing else.' }).waitFor()
  await gate.getByRole('radio', { name: 'the agent’s commits' }).click()
  await gate.getByRole('button', { name: `Approve ${id}.s1 only` }).click()
  await expectText(gate, 'Approved: may land')
  await expectText(gate, `the commits of ${id}.s1 by`)
  await gate.getByRole('radio', { name: 'the change as one' }).click()
  await expectText(gate, /not to landing the change as one/)
  await gate.getByRole('radio', { name: 'the agent’s commits' }).click()
  await gate.getByRole('button', { name: 'Land 2 commits of the agent and one more (2 files, +3) on api → main. Nothing else.' }).click()
  const dialog = page.getByRole('dialog')
  await expectText(dialog, `merge ${id} --strategy keep`)
  await dialog.getByRole('button', { name: 'Land', exact: true }).click()
  await expectText(gate, /^Landed\./)
  expect(git(api, 'rev-list', '--reverse', '--max-count=2', '--skip=1', 'main').split('\n')).toEqual(shown?.commits.map(({ oid }) => oid))
  await expectSeen(commits)
  await expectNotReloaded(page)
})
