import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run, writeFiles } from '@signalbox/testkit'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { runForm } from '../harness/contract.ts'
import { humanCommits } from '../harness/shop.ts'
import { expectNotReloaded, expectSeen, expectText, gateOn, land, markPage } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

describe('a person who never saw a terminal of ours', () => {
  let world: World
  let browsed: BrowsedWorld
  let api: string
  const main = (): string => git(api, 'rev-parse', 'main')

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'count.txt': 'one\ntwo\n', 'readme.txt': 'api\n' })
    await addRepo(world, 'api', api, 'three=grep -q three count.txt')
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  it('writes a first task, watches a run, clears what blocks it, lands it and takes it back', async () => {
    const visitor = await browsed.visit({ permissions: ['clipboard-read', 'clipboard-write'] })
    const page = await visitor.enter()
    const base = main()

    await page.getByRole('button', { name: 'Write the first task' }).click()
    const writing = page.getByRole('dialog', { name: 'New task' })
    await writing.getByLabel('Title', { exact: true }).fill('Count on')
    await writing.getByLabel('What and why').fill('After **two** comes three.')
    await writing.getByRole('checkbox', { name: 'api' }).check()
    await writing.getByRole('button', { name: 'Create task' }).click()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'T0001 Count on' }))
    await markPage(page)

    await startRun(page, `echo counting; until [ -e "${join(world.dir, 'go')}" ]; do sleep 0.05; done; echo three >> count.txt; echo counted`)
    await expectText(page, 'counting')
    expect(await page.getByText('counted', { exact: true }).count()).toBe(0)
    writeFileSync(join(world.dir, 'go'), '')
    await expectText(page, 'counted')
    writeFiles(api, { 'count.txt': 'work of my own\n' })
    await page.getByRole('main').getByRole('link', { name: /Review/ }).first().click()

    const gate = gateOn(page)
    await expectText(gate, 'target_dirty')
    await expectText(gate, /changes of its own \(1 unstaged\): count\.txt/)
    const button = gate.getByRole('button', { name: 'Land one commit (1 file, +1) on api → main. Nothing else.' })
    expect(await button.isDisabled()).toBe(true)
    await gate.getByRole('button', { name: /^Copy the command git -C .* stash -u$/ }).click()
    run(world.dir, 'sh', ['-c', await page.evaluate(() => navigator.clipboard.readText())])
    expect(git(api, 'status', '--porcelain')).toBe('')

    await gate.getByRole('button', { name: 'Approve R0001.s1 only' }).click()
    await expectText(gate, 'Approved: may land')
    expect(main()).toBe(base)
    await land(page, 'Land')
    await expectText(gate, /^Landed\./)
    expect(git(api, 'rev-list', '--parents', '-1', 'main')).toBe(`${main()} ${base}`)
    expect(readFileSync(join(api, 'count.txt'), 'utf8')).toBe('one\ntwo\nthree\n')
    expect(git(api, 'diff', '--name-only', base, 'main')).toBe('count.txt')

    await gate.getByRole('button', { name: 'Undo the landing…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo the landing', exact: true }).click()
    await expectText(gate, 'Waits for your approval')
    expect(main()).toBe(base)
    expect(readFileSync(join(api, 'count.txt'), 'utf8')).toBe('one\ntwo\n')
    expect(git(api, 'status', '--porcelain')).toBe('')
    expect(existsSync(join(api, '.git', 'index.lock'))).toBe(false)
    await expectNotReloaded(page)
  })

  it('refreshes onto a target that moved after the approval, says yes again, and lands on top', async () => {
    const task = await newTask(world, 'Say more', '--repo', 'api')
    const { id } = await runScript(world, task, 'echo three >> count.txt; echo more > more.txt')
    const visitor = await browsed.visit()
    const page = await visitor.enter(`/runs/${id}/review`)
    await markPage(page)
    const gate = gateOn(page)
    await gate.getByRole('button', { name: `Approve ${id}.s1 only` }).click()
    await expectText(gate, 'Approved: may land')
    const moved = humanCommits(api, 'readme.txt', 'api, by hand\n')

    await expectText(gate, 'target_moved')
    await expectText(gate, 'Approved; a target moved')
    await gate.getByRole('button', { name: 'Refresh onto the moved target' }).click()
    await expectSeen(page.getByRole('navigation', { name: 'Rounds' }).getByRole('link', { name: 's2 latest' }))
    const diff = page.getByRole('region', { name: 'Diff' })
    await expectText(diff, 'File 1 of 2')
    await page.getByRole('link', { name: 'since s1' }).click()
    await expectText(diff, `${id}.s2 changes nothing of ${id}.s1: only the base moved.`)
    await expectText(page, `diff ${id} --since s1`)
    await page.getByRole('link', { name: 'all changes' }).click()
    await expectText(diff, 'File 1 of 2')
    await expectText(gate, 'Waits for your approval')
    await land(page, 'Approve and land')
    await expectText(gate, /^Landed\./)
    expect(git(api, 'rev-list', '--parents', '-1', 'main')).toBe(`${main()} ${moved}`)
    expect(git(api, 'show', 'main:readme.txt')).toBe('api, by hand')
    expect(git(api, 'show', 'main:more.txt')).toBe('more')
    await expectNotReloaded(page)
  })

  it('lands what it approved in one act, though the target moved; and where that goes wrong, sees what was made of it', async () => {
    const { id } = await runScript(world, await newTask(world, 'Carry on', '--repo', 'api'), 'echo carried > carried.txt; echo once > once.txt')
    await world.call(['approve', id])
    humanCommits(api, 'once.txt', 'once\n')
    const visitor = await browsed.visit({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    visitor.expectFaults(/status of 409 .*\/merge/)
    const page = await visitor.enter(`/runs/${id}/review`)
    const gate = gateOn(page)
    await land(page, 'Refresh and land')
    const dialog = page.getByRole('dialog')
    await expectText(dialog, `${id}.s2 was made on the moved targets.`)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await gate.getByRole('button', { name: `Approve ${id}.s2 only` }).click()
    await expectText(gate, 'Approved: may land')

    const moved = humanCommits(api, 'readme.txt', 'api, again\n')
    await expectText(gate, 'Approved; a target moved')
    await land(page, 'Refresh and land')
    await expectText(gate, /^Landed\./)
    expect(git(api, 'rev-list', '--parents', '-1', 'main')).toBe(`${main()} ${moved}`)
    expect(git(api, 'show', 'main:carried.txt')).toBe('carried')
    await expectText(gate, `carried over from the yes of`)
  })

  it('lets an agent settle what conflicts, in a run of its own that the first one names', async () => {
    const { id } = await runScript(world, await newTask(world, 'Collide', '--repo', 'api'), 'echo mine > collide.txt')
    humanCommits(api, 'collide.txt', 'theirs\n')
    const visitor = await browsed.visit()
    const page = await visitor.enter(`/runs/${id}/review`)
    await gateOn(page).getByRole('button', { name: 'Let an agent settle it…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Agent', { exact: true }).selectOption('shell')
    await dialog.getByLabel('Command', { exact: true }).fill('grep -q "^<<<<<<< main" collide.txt && echo both > collide.txt')
    await expectText(dialog, `--from ${id}.s1 --onto-target`)
    await dialog.getByRole('button', { name: 'Start the run' }).click()
    await page.waitForURL((url) => /\/runs\/R\d+$/.test(url.pathname) && !url.pathname.endsWith(id))
    await page.getByRole('link', { name: 'Review', exact: true }).click()
    await land(page, 'Approve and land')
    await expectText(gateOn(page), /^Landed\./)
    expect(git(api, 'show', 'main:collide.txt')).toBe('both')
    await page.goto(page.url().replace(/R\d+\/review.*/, id))
    await expectText(page, 'Goes on')
  })

  it('waives what is off scope with a reason, and sees it named to the end', async () => {
    const { id } = await runScript(world, await newTask(world, 'In scope', '--repo', 'api', '--scope', 'api:*.txt'), 'echo three >> count.txt; echo off > off.md')
    const visitor = await browsed.visit()
    const page = await visitor.enter(`/runs/${id}/review`)
    const gate = gateOn(page)
    await expectText(gate, 'scope_exceeded')
    expect(await gate.getByRole('button', { name: /^Land one / }).isDisabled()).toBe(true)
    await gate.getByRole('button', { name: 'Waive…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Waive scope_exceeded in api?' })
    await dialog.getByRole('button', { name: 'Waive', exact: true }).click()
    expect(await dialog.locator('textarea:invalid').count()).toBe(1)
    await dialog.getByLabel('Why it does not matter').fill("it's <b>meant</b>")
    await expectText(dialog, `waive ${id} scope_exceeded --repo api --because 'it'\\''s <b>meant</b>'`)
    await dialog.getByRole('button', { name: 'Waive', exact: true }).click()
    await expectText(gate, 'Waits for your approval')
    await expectText(gate.getByRole('region', { name: 'Waived' }), "it's <b>meant</b>")
    await land(page, 'Approve and land')
    await expectText(gate, /^Landed\./)
    await expectText(gate.getByRole('region', { name: 'Waived' }), "it's <b>meant</b>")
    expect(git(api, 'show', 'main:off.md')).toBe('off')
  })

  it('says that what is found beside a run was its own doing', async () => {
    const task = await newTask(world, 'Beside', '--repo', 'api')
    const { id } = await world.ask(runForm, ['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', `echo own > own.txt; cp own.txt '${api}/own.txt'`], 5)
    const visitor = await browsed.visit()
    const page = await visitor.enter(`/runs/${id}/review`)
    const gate = gateOn(page)
    await expectText(gate, 'run_escaped')
    await gate.getByRole('button', { name: 'It was me…' }).click()
    const dialog = page.getByRole('dialog', { name: `Was it you, not ${id}?` })
    await dialog.getByLabel('Why, for the record').fill('I copied it')
    await dialog.getByRole('button', { name: 'It was me', exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
    expect((await world.ask(runForm, ['show', id])).sources).toMatchObject([{ accepted: { because: 'I copied it' } }])
    rmSync(join(api, 'own.txt'))
  })

  it('does the same with a finger, on a screen of 390 pixels', async () => {
    const { id } = await runScript(world, await newTask(world, 'Small', '--repo', 'api'), 'echo three >> count.txt; echo small > small.txt')
    const visitor = await browsed.visit({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const page = await visitor.enter()
    await page.getByRole('button', { name: 'Menu' }).tap()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Runs' }).tap()
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Runs' }))
    // The landing order above the list leads to its review.
    await page.getByRole('listitem').getByRole('link', { name: id, exact: true }).last().tap()
    await page.getByRole('link', { name: 'Review', exact: true }).tap()
    await expectText(page.getByRole('region', { name: 'Changes' }), 'small.txt')
    await gateOn(page).getByRole('button', { name: /^Land one / }).tap()
    await page.getByRole('dialog').getByRole('button', { name: 'Approve and land', exact: true }).tap()
    await expectText(gateOn(page), /^Landed\./)
    expect(git(api, 'show', 'main:small.txt')).toBe('small')
  })
})

/** Starts a run of the task on screen by the agent `shell`. */
async function startRun(page: Page, command: string): Promise<void> {
  await page.getByRole('button', { name: 'Start a run' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Agent', { exact: true }).selectOption('shell')
  await dialog.getByLabel('Command', { exact: true }).fill(command)
  await dialog.getByRole('button', { name: 'Start the run' }).click()
  await page.waitForURL(/\/runs\/R\d+$/)
}
