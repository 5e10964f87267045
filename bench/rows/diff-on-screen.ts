import { launchBrowser } from '../../e2e/harness/browser.ts'
import { addLines, measureFirstLayout } from '../../e2e/harness/long-diff.ts'
import { serveWorld } from '../../e2e/harness/served-world.ts'
import { addRepo, createWorld } from '../../e2e/harness/world.ts'
import type { Row } from '../row.ts'

const rounds = 9
const warmUps = 2

/** The first lines of a long diff laid out in a real browser, from the moment its answer is parsed, against a short one. */
export async function diffOnScreen(long: number, short: number): Promise<Row> {
  const world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
  const [longRun, shortRun] = [await addLines(world, long), await addLines(world, short)]
  const server = await serveWorld(world)
  const browser = await launchBrowser()
  const taken: { ours: number[]; floor: number[] } = { ours: [], floor: [] }
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    await page.goto(await server.link())
    await page.getByRole('banner').waitFor()
    for (let round = 0; round < rounds + warmUps; round += 1) {
      const ours = await measureFirstLayout(page, server.url, longRun)
      const floor = await measureFirstLayout(page, server.url, shortRun)
      if (round < warmUps) continue
      taken.ours.push(ours.parsed)
      taken.floor.push(floor.parsed)
    }
  } finally {
    await browser.close()
    await server.stop()
    await world.close()
  }
  return { name: `first lines of a diff of ${long} on screen`, floor: `of one of ${short}`, goal: 1.5, paired: taken }
}
