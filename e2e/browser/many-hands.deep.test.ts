import { git, writeFiles } from '@signalbox/testkit'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { approvalForm } from '../harness/contract.ts'
import { expectNotReloaded, expectSeen, expectText, gateOn, markPage } from '../harness/tab.ts'
import { type Visitor } from '../harness/visitor.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

describe('two tabs and a command line at once', () => {
  let world: World
  let browsed: BrowsedWorld
  let api: string

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'file.txt': 'before\n' })
    await addRepo(world, 'api', api)
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  const twoTabs = async (visitor: Visitor, path: string): Promise<readonly [Page, Page]> => {
    const tabs = [await visitor.enter(path), await visitor.enter(path)] as const
    for (const tab of tabs) await markPage(tab)
    return tabs
  }

  it('see an approval by the command line, without being loaded anew', async () => {
    const { id } = await runScript(world, await newTask(world, 'Approved elsewhere', '--repo', 'api'), 'echo approved > file.txt')
    const visitor = await browsed.visit()
    const tabs = await twoTabs(visitor, `/runs/${id}/review`)
    for (const tab of tabs) await expectText(gateOn(tab), 'Waits for your approval')
    await world.ask(approvalForm, ['approve', id])
    for (const tab of tabs) {
      await expectText(gateOn(tab), 'Approved: may land')
      await expectNotReloaded(tab)
    }
  })

  it('land once when both press the button at the same moment, and the other is told', async () => {
    const { id } = await runScript(world, await newTask(world, 'Landed twice', '--repo', 'api'), 'echo landed > file.txt')
    await world.ask(approvalForm, ['approve', id])
    const visitor = await browsed.visit()
    // One of the two is refused, and the browser notes the status.
    visitor.expectFaults(/status of 409/)
    const tabs = await twoTabs(visitor, `/runs/${id}/review`)
    const base = git(api, 'rev-parse', 'main')
    const answers = tabs.map((tab) => tab.waitForResponse(`**/api/runs/${id}/merge`))
    for (const tab of tabs) {
      await gateOn(tab).getByRole('button', { name: /^Land one / }).click()
      await expectSeen(tab.getByRole('dialog'))
    }
    // A press that waits for the page to come to rest would come after the landing of the other, which closes the dialog.
    await Promise.all(tabs.map((tab) => tab.getByRole('dialog').getByRole('button', { name: 'Land', exact: true }).dispatchEvent('click')))
    expect((await Promise.all(answers)).map((answer) => answer.status()).toSorted((a, b) => a - b)).toEqual([200, 409])
    for (const tab of tabs) {
      await expectText(gateOn(tab), /^Landed\./)
      expect(await tab.getByRole('dialog').count()).toBe(0)
      await expectNotReloaded(tab)
    }
    expect(git(api, 'rev-list', '--count', `${base}..main`)).toBe('1')
    expect(git(api, 'show', 'main:file.txt')).toBe('landed')
  })

  it('see a task that somebody wrote in an editor, and one that the command line made', async () => {
    const visitor = await browsed.visit()
    const tabs = await twoTabs(visitor, '/')
    writeFiles(world.memory, { 'tasks/T0900-by-hand.md': '---\nid: T0900\ntitle: Written by hand\nstatus: ready\nrepos: [api]\n---\n' })
    for (const tab of tabs) await expectSeen(tab.getByRole('link', { name: 'Written by hand' }))
    writeFiles(world.memory, { 'tasks/T0900-by-hand.md': '---\nid: T0900\ntitle: Written by hand, twice\nstatus: ready\nrepos: [api]\n---\n' })
    await newTask(world, 'Made elsewhere', '--repo', 'api')
    for (const tab of tabs) {
      await expectSeen(tab.getByRole('link', { name: 'Written by hand, twice' }))
      await expectSeen(tab.getByRole('link', { name: 'Made elsewhere' }))
      await expectNotReloaded(tab)
    }
  })
})
