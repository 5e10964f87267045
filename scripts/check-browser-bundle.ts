// Fails when core does not bundle for a browser, or would take along anything but itself and the schema library.
import { join } from 'node:path'
import { bundleForBrowser } from './browser-bundle.ts'

const { bytes, problems } = await bundleForBrowser(join(import.meta.dirname, '../packages/core'))
if (problems.length > 0) {
  console.error(problems.map((problem) => `packages/core: ${problem}`).join('\n'))
  process.exitCode = 1
} else {
  console.log(`Core bundles for a browser: ${Math.round(bytes / 1024)} KiB minified.`)
}
