import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { expectSeen, expectText } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

describe('addresses', () => {
  let world: World
  let browsed: BrowsedWorld

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
    await newTask(world, 'Change it', '--repo', 'api')
    await runScript(world, 'T0001', 'echo after > file.txt')
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  it('lead to their page, and back again', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter('/runs/R0001/review')
    await expectSeen(page.getByRole('heading', { level: 1, name: 'R0001 Review' }))
    await page.getByRole('main').getByRole('link', { name: 'T0001' }).click()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0001 Change it' }))
    expect(await page.title()).toContain('T0001 Change it')
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Board' }).click()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Board' }))
    await page.goBack()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0001 Change it' }))
    await page.goBack()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'R0001 Review' }))
    await page.goForward()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0001 Change it' }))
  })

  it('that lead nowhere say so, and where to go', async () => {
    const visitor = await browsed.visit()
    visitor.expectFaults(/status of 404/)
    const page = await visitor.enter('/nowhere')
    await expectText(page, 'There is no page at this address.')
    for (const [path, code] of [['/tasks/T0999', 'task.not_found'], ['/runs/R0999', 'run.not_found'], ['/runs/R0999/review', 'run.not_found'], ['/handoffs/H0999', 'handoff.not_found'], ['/notes/N0999', 'note.not_found']] as const) {
      await page.goto(browsed.server.url + path)
      await expectText(page, code)
    }
  })

  it('let one tab in by a link, once, and keep nothing of it', async () => {
    const link = await browsed.server.link()
    const visitor = await browsed.visit()
    visitor.expectFaults(/status of 40[13]/)
    const page = await visitor.context.newPage()
    await page.goto(link)
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Board' }))
    expect(page.url()).toBe(`${browsed.server.url}/`)
    expect(await page.evaluate(() => [document.cookie, localStorage.length])).toEqual(['', 0])
    await page.reload()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Board' }))

    const other = await visitor.context.newPage()
    await other.goto(link)
    await expectSeen(other.getByRole('heading', { level: 1, name: 'You need a fresh link' }))
    expect(await other.content()).not.toMatch(/signalbox/i)
    await expectText(other, /the open command of the program that serves this page; the server prints it below its first link\.$/)
    await other.goto(await browsed.server.link())
    await expectSeen(other.getByRole('heading', { level: 1, name: 'Board' }))

    // Who was let in before knows the program, and is told what to type.
    await other.evaluate(() => sessionStorage.removeItem('token'))
    await other.reload()
    await expectText(other, /of the program that serves this page: \S.* open$/)
  })
})
