import { git } from '@signalbox/testkit'
import type { Frame } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attack, type Target } from '../harness/attack.ts'
import { foreignHost } from '../harness/browser.ts'
import { browseWorld, type BrowsedWorld } from '../harness/browsed-world.ts'
import { fingerprints, type Fingerprints } from '../harness/compare.ts'
import { gateForm } from '../harness/contract.ts'
import { openHostileSite, type HostileSite } from '../harness/hostile-site.ts'
import { expectSeen } from '../harness/tab.ts'
import { addRepo, createWorld, newTask, runScript, type World } from '../harness/world.ts'

describe('a hostile page in the same browser', () => {
  let world: World
  let browsed: BrowsedWorld
  let site: HostileSite
  let api: string
  let before: Fingerprints
  let target: Omit<Target, 'token'>

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'file.txt': 'before\n' })
    await addRepo(world, 'api', api, 'clean=true')
    await newTask(world, 'Change it', '--repo', 'api')
    await runScript(world, 'T0001', 'echo after > file.txt')
    browsed = await browseWorld(world)
    site = await openHostileSite()
    const { digest } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    const yes = { approve: true, digest, targetHeads: { api: git(api, 'rev-parse', 'main') } }
    target = {
      url: browsed.server.url,
      reads: ['/', await findScript(browsed.server.url), '/runs/R0001/review', '/api/tasks', '/api/runs/R0001/diff', '/api/events'],
      writes: [
        { method: 'POST', path: '/api/runs/R0001/merge', body: JSON.stringify(yes) },
        { method: 'POST', path: '/api/tasks', body: JSON.stringify({ title: 'Planted', x: '' }) },
        { method: 'PATCH', path: '/api/tasks/T0001', body: JSON.stringify({ title: 'Changed', x: '' }) },
        { method: 'DELETE', path: '/api/repos/api', body: JSON.stringify({ x: '' }) },
        { method: 'POST', path: '/api/runs/R0001/check', body: '{"x":""}' },
        { method: 'POST', path: '/api/runs/R0001/reject', body: JSON.stringify({ because: 'planted' }) },
        { method: 'POST', path: '/api/session', body: JSON.stringify({ code: 'x'.repeat(43) }) },
      ],
    }
    before = fingerprints([world.memory, api])
  })
  afterAll(async () => {
    await site.close()
    await browsed.close()
  })

  for (const [index, name] of ['another port of 127.0.0.1', 'another name of this machine', 'another host'].entries()) {
    it(`on ${name} reads nothing and changes nothing, not even with a token that leaked to it`, async () => {
      const context = await browsed.browser.newContext({ locale: 'en-US' })
      const victim = await context.newPage()
      await victim.goto(await browsed.server.link())
      await victim.getByRole('heading', { level: 1 }).waitFor()
      const token = await victim.evaluate(() => sessionStorage.getItem(sessionStorage.key(0) ?? '') ?? '')
      expect(token.length).toBeGreaterThan(40)

      const hostile = await context.newPage()
      await hostile.goto(`${site.origins[index]}/`)
      const attempts = await hostile.evaluate(attack, { ...target, token })

      expect.soft(attempts.filter(({ got }) => got !== 'nothing')).toEqual([])
      expect(attempts.length).toBeGreaterThan(90)
      const framed = hostile.frames().filter((frame) => frame !== hostile.mainFrame())
      expect(framed.length).toBeGreaterThan(10)
      for (const frame of framed) expect.soft(await countShown(frame)).toBe(0)
      expect.soft(fingerprints([world.memory, api])).toEqual(before)
      await victim.reload()
      await expectSeen(victim.getByRole('heading', { level: 1, name: 'Board' }))
      await context.close()
    })
  }

  it('under a name that was made to lead here gets a refusal that names nobody', async () => {
    const page = await browsed.browser.newPage()
    for (const path of ['/', '/api/session', '/assets/x.js']) {
      const answer = await page.goto(`http://${foreignHost}:${browsed.server.port}${path}`)
      expect(answer?.status()).toBe(421)
      expect(await answer?.text()).not.toMatch(/signalbox/i)
    }
    await page.close()
  })
})

/** Returns how much of ours a frame shows; one that the browser has taken out meanwhile shows nothing. */
async function countShown(frame: Frame): Promise<number> {
  return frame
    .locator('#app, pre')
    .count()
    .catch((error: unknown) => {
      if (frame.isDetached()) return 0
      throw error
    })
}

/** Returns the path of the script that the page begins with: anybody may ask for it, but not from another origin. */
async function findScript(url: string): Promise<string> {
  const [, path] = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(url)).text()) ?? []
  if (path === undefined) throw new Error('The page has no script')
  return path
}
