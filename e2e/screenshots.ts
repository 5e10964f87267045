// Makes pictures of every page and dialog, wide and narrow, light and dark, over a memory repo in the middle of its work.
// To be looked at by people: `npm run screenshots [folder]`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchBrowser, type Page } from './harness/browser.ts'
import { pageMoments } from './harness/page-moments.ts'
import { createRichWorld } from './harness/rich-world.ts'
import { serveWorld } from './harness/served-world.ts'

const [folder = join(import.meta.dirname, '../.toolchain/screenshots')] = process.argv.slice(2)
const sizes = [
  { name: 'wide', width: 1280, height: 860 },
  { name: 'narrow', width: 390, height: 844 },
] as const

/** Milliseconds for what a page asks by itself, and for colours from the worker. */
const settleMs = 700

mkdirSync(folder, { recursive: true })
const rich = await createRichWorld()
const server = await serveWorld(rich.world)
const browser = await launchBrowser()
try {
  for (const { name: size, width, height } of sizes) {
    const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', viewport: { width, height } })
    const page = await context.newPage()
    await page.goto(await server.link())
    await page.getByRole('banner').waitFor()
    for (const [name, path] of Object.entries(rich.pages)) {
      await show(page, path)
      await picture(page, `${name}-${size}`, true)
    }
    for (const [name, { path, act }] of Object.entries(pageMoments(rich))) {
      await show(page, path)
      await act(page)
      await page.getByRole('dialog').waitFor()
      await picture(page, `dialog-${name}-${size}`, false)
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.stop()
  await rich.close()
}
console.log(`The pictures are in ${folder}`)

async function show(page: Page, path: string): Promise<void> {
  await page.goto(server.url + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForTimeout(settleMs)
}

async function picture(page: Page, name: string, fullPage: boolean): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}-${colorScheme}.png`), fullPage })
  }
}
