import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { approvalForm } from '../harness/contract.ts'
import { readLiveEvents, startRun, untilEnded, untilEvent } from '../harness/live-run.ts'
import { expectNotReloaded, expectSeen, expectText, gateOn, markPage } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

describe('a server that is killed under an open page', () => {
  let world: World
  let browsed: BrowsedWorld

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
    browsed = await browseWorld(world)
  })
  afterAll(() => browsed.close())

  it('comes back on its port, and every page goes on where it was: no new login, no lost event, nothing stale', async () => {
    const url = browsed.server.url
    const reviewed = await runScript(world, await newTask(world, 'Reviewed', '--repo', 'api'), 'echo after > file.txt')
    const watched = await startRun(world, await newTask(world, 'Watched', '--repo', 'api'), `echo first; until [ -e ${join(world.dir, 'go')} ]; do sleep 0.05; done; echo second; echo work > new.txt`)
    await untilEvent(world, watched.id, 'run.started')
    const visitor = await browsed.visit()
    visitor.expectFaults(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/)
    const board = await visitor.enter('/')
    const run = await visitor.enter(`/runs/${watched.id}`)
    const review = await visitor.enter(`/runs/${reviewed.id}/review`)
    await expectText(board, watched.id)
    await expectText(run, 'first')
    await expectText(gateOn(review), 'Waits for your approval')
    for (const page of [board, run, review]) await markPage(page)

    await browsed.server.kill()
    for (const page of [board, run, review]) await expectText(page, 'Reconnecting…')
    expect(await gateOn(review).getByRole('button', { name: /^Land one / }).isDisabled()).toBe(true)
    writeFileSync(join(world.dir, 'go'), '')
    await untilEnded(world, watched.id)
    await newTask(world, 'Meanwhile', '--repo', 'api')
    await world.ask(approvalForm, ['approve', reviewed.id])

    await browsed.server.restart()
    expect(browsed.server.url).toBe(url)
    for (const page of [board, run, review]) await expect.poll(() => page.getByText('Reconnecting…').count(), { timeout: 15_000 }).toBe(0)
    await expectSeen(board.getByRole('link', { name: 'Meanwhile' }))
    await expectSeen(board.getByRole('link', { name: `Review: ${watched.task}` }))
    await expectText(run, 'second')
    await expectText(run, 'completed')
    await expectText(gateOn(review), 'Approved: may land')
    const events = readLiveEvents(world, watched.id)
    expect(events.at(-1)?.type).toBe('run.ended')
    await expect.poll(() => run.getByRole('region', { name: 'Timeline' }).getByRole('listitem').count(), { timeout: 15_000 }).toBe(events.length)

    // And what happens from now on is seen, too.
    await newTask(world, 'Afterwards', '--repo', 'api')
    await expectSeen(board.getByRole('link', { name: 'Afterwards' }))
    for (const page of [board, run, review]) await expectNotReloaded(page)
  })
})
