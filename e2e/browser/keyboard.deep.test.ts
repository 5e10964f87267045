import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { expectNoDialog, expectSeen, expectText, gateOn, tabTo } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

describe('with the keyboard alone', () => {
  let world: World
  let browsed: BrowsedWorld
  let api: string

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'a.js': 'const a = 1\n', 'b.js': 'const b = 1\n' })
    await addRepo(world, 'api', api)
    await newTask(world, 'Change both', '--repo', 'api')
    await runScript(world, 'T0001', 'echo "const a = 2" > a.js; echo "const b = 2" > b.js')
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  it('a person reviews from the board to the landing, and takes it back', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter()
    await expectSeen(page.getByRole('link', { name: 'Review: T0001' }))
    await tabTo(page, 'Review: T0001')
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('heading', { level: 1, name: 'R0001 Review' }))

    await expectText(page, 'File 1 of 2')
    await page.keyboard.press('j')
    await expectText(page, 'File 2 of 2')
    await page.keyboard.press('x')
    await expectText(page, '1 of 2 read')
    await page.keyboard.press('v')
    await expectSeen(page.getByRole('button', { name: 'Split', pressed: true }))

    const gate = gateOn(page)
    await tabTo(page, 'Approve R0001.s1 only')
    await page.keyboard.press('Enter')
    await expectText(gate, 'Approved: may land')
    await tabTo(page, /^Land one commit/)
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('dialog'))
    // Out of a dialog and into it again: Escape gives the focus back to what opened it.
    await page.keyboard.press('Escape')
    await expectNoDialog(page)
    await page.keyboard.press('Enter')
    await tabTo(page, 'Land')
    await page.keyboard.press('Enter')
    await expectText(gate, /^Landed\./)
    expect(git(api, 'show', 'main:b.js')).toBe('const b = 2')

    await tabTo(page, 'Undo the landing…')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Undo the landing')
    await page.keyboard.press('Enter')
    await expectText(gate, 'Waits for your approval')
    expect(git(api, 'show', 'main:b.js')).toBe('const b = 1')
  })

  it('a person leaves a file out of a round, which says so', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter('/runs/R0001/review')
    await expectSeen(page.getByRole('button', { name: 'Choose a part…' }))
    await tabTo(page, 'Choose a part…')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Choose a part of R0001.s1' })
    await expectSeen(dialog)
    await dialog.getByLabel('b.js').focus()
    await page.keyboard.press('Space')
    await expectText(dialog, /seal R0001 --from s1 --only api:a\.js$/)
    await tabTo(page, 'Make the round')
    await page.keyboard.press('Enter')
    await expectText(page, 'R0001.s2 is a part of')
    await expectText(page, 'api/b.js in')
    await expectText(page, '1 changed file')
    await expectText(gateOn(page), 'Waits for your approval')
  })

  it('a person writes a task and finds every page', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Board' }))
    await page.keyboard.press('c')
    await expectSeen(page.getByRole('dialog', { name: 'New task' }))
    await page.keyboard.type('Typed')
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0002 Typed' }))
    for (const [key, name] of [['r', 'Runs'], ['h', 'Handoffs'], ['e', 'Efforts'], ['d', 'Decisions'], ['n', 'Notes'], ['p', 'Repos'], ['o', 'Doctor'], ['a', 'Reference'], ['b', 'Board'], ['s', 'Search']] as const) {
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await expectSeen(page.getByRole('heading', { level: 1, name }))
      expect(await page.evaluate(() => document.activeElement?.tagName), `the focus on ${name}`).toMatch(/^(H1|INPUT)$/)
    }
    // In the field of the search every key is text.
    await page.keyboard.press('Tab')
    await page.keyboard.press('?')
    await expectSeen(page.getByRole('dialog', { name: 'Keys' }))
    await page.keyboard.press('Escape')
    await expectNoDialog(page)
    await page.keyboard.press('Control+k')
    await expectSeen(page.getByRole('dialog', { name: 'Go to or do' }))
    await page.keyboard.type('Change both')
    await expectSeen(page.getByRole('dialog').getByText('Change both'))
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0001 Change both' }))

    await page.keyboard.press('Control+k')
    await expectSeen(page.getByRole('dialog', { name: 'Go to or do' }))
    await page.keyboard.type('New task')
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('dialog', { name: 'New task' }))
    await page.keyboard.type('Typed into the dialog that came after the palette')
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0003 Typed into the dialog that came after the palette' }))
  })

  it('the focus and what is selected stay where they are while the page changes under it', async () => {
    const visitor = await browsed.visit()
    const page = await visitor.enter()
    await expectSeen(page.getByRole('link', { name: 'Change both' }))
    await tabTo(page, 'Change both')
    writeFiles(world.memory, { 'tasks/T0900-new.md': '---\nid: T0900\ntitle: Came in between\nstatus: ready\nrepos: [api]\npriority: 1\n---\n' })
    await expectSeen(page.getByRole('link', { name: 'Came in between' }))
    await page.keyboard.press('Enter')
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0001 Change both' }))
  })
})
