// Makes pictures of every page, wide and narrow, light and dark, over a memory repo in the middle of its work.
// To be looked at by people: `npm run screenshots [folder]`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchBrowser } from '../e2e/harness/browser.ts'
import { createRichWorld } from '../e2e/harness/rich-world.ts'
import { serveWorld } from '../e2e/harness/served-world.ts'

const [folder = join(import.meta.dirname, '../.toolchain/screenshots')] = process.argv.slice(2)
const sizes = [
  { name: 'wide', width: 1280, height: 860 },
  { name: 'narrow', width: 390, height: 844 },
] as const

mkdirSync(folder, { recursive: true })
const rich = await createRichWorld()
const server = await serveWorld(rich.world)
const browser = await launchBrowser()
let made = 0
try {
  for (const { name: size, width, height } of sizes) {
    const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', viewport: { width, height } })
    const page = await context.newPage()
    await page.goto(await server.link())
    await page.getByRole('banner').waitFor()
    for (const [name, path] of Object.entries(rich.pages)) {
      await page.goto(server.url + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      // What comes with a question of its own, and colours from the worker.
      await page.waitForTimeout(700)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}-${size}-${colorScheme}.png`), fullPage: true })
        made += 1
      }
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.stop()
  await rich.close()
}
console.log(`${made} pictures are in ${folder}`)
