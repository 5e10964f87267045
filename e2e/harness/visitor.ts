import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { watchPages } from './page-faults.ts'
import type { ServedWorld } from './served-world.ts'

/** Where pictures of failed tests go; no repository holds them. */
const pictures = fileURLToPath(new URL('../../.toolchain/failed-pages', import.meta.url))

/** Milliseconds a page may take to show something on a busy machine. */
const patience = 15_000

/** A person at a browser of their own: they share no tab and no login with another visitor. */
export interface Visitor {
  readonly context: BrowserContext
  /** Opens a tab with a fresh link, waits until it is let in, and goes to an address. */
  enter(path?: string): Promise<Page>
  /** Says which faults are part of this test. */
  expectFaults(...patterns: readonly RegExp[]): void
}

/**
 * Lets somebody visit a server for the length of one test. When it ends, nothing must have gone wrong on any of their pages
 * (`watchPages` says what), but for what the test expects.
 */
export async function visit(browser: Browser, server: ServedWorld, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(patience)
  const faults: string[] = []
  const expected: RegExp[] = []
  await watchPages(context, server.url, (fault) => faults.push(fault))
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') await takePictures(context, task.name)
    await context.close()
    expect(faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)))).toEqual([])
  })
  return {
    context,
    enter: (path = '/') => enter(context, server, path),
    expectFaults: (...patterns) => void expected.push(...patterns),
  }
}

async function enter(context: BrowserContext, server: ServedWorld, path: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(await server.link())
  await page.getByRole('banner').waitFor()
  if (path !== '/') await page.goto(server.url + path)
  return page
}

async function takePictures(context: BrowserContext, test: string): Promise<void> {
  const name = test.replaceAll(/[^\w]+/g, '-')
  for (const [index, page] of context.pages().entries()) {
    const path = join(pictures, `${name}-${index + 1}.png`)
    await page.screenshot({ path, fullPage: true }).catch((error: unknown) => console.error(`There is no picture of ${page.url()}: ${String(error)}`))
    console.error(`${page.url()} looked like ${path}`)
  }
}
