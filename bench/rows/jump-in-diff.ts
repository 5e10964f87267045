import { launchBrowser } from '../../e2e/harness/browser.ts'
import { addLines, measureFirstLayout, measureJumps } from '../../e2e/harness/long-diff.ts'
import { serveWorld } from '../../e2e/harness/served-world.ts'
import { addRepo, createWorld } from '../../e2e/harness/world.ts'
import type { Row } from '../row.ts'

const jumps = 200

/** Two frames of a screen that shows sixty a second. */
const boundMs = 2_000 / 60

/** Milliseconds until the lines at a random place of a long diff are laid out, in 99 of a hundred jumps there, against a bound. */
export async function jumpInDiff(lines: number): Promise<Row> {
  const world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
  const run = await addLines(world, lines)
  const server = await serveWorld(world)
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    await page.goto(await server.link())
    await page.getByRole('banner').waitFor()
    await measureFirstLayout(page, server.url, run)
    const taken = await measureJumps(page, jumps)
    const sorted = taken.toSorted((a, b) => a - b)
    return { name: `p99 of jumps in a diff of ${lines} lines`, floor: 'a bound of two frames', goal: 1, paired: { ours: [sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN], floor: [boundMs] } }
  } finally {
    await browser.close()
    await server.stop()
    await world.close()
  }
}
