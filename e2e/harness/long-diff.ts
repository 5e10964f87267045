import type { Page } from 'playwright-core'
import { newTask, runScript, type World } from './world.ts'

/** Runs an agent that adds this many lines of code to the repo `api`, in ten files, and returns the id of the run. */
export async function addLines(world: World, lines: number): Promise<string> {
  const task = await newTask(world, `Add ${lines} lines`, '--repo', 'api')
  const line = 's/.*/export const value& = compute(&, "some text of a usual length") \\/\\/ line &/'
  return (await runScript(world, task, `mkdir added\nfor file in 0 1 2 3 4 5 6 7 8 9; do seq 1 ${lines / 10} | sed '${line}' > added/$file.js; done`)).id
}

/** Milliseconds in the page. `answered` begins with the last byte of the diff, `parsed` with the value it holds. */
export interface FirstLayout {
  readonly answered: number
  readonly parsed: number
}

/** Goes from a run's page to its review by the link on it, and returns how long it took until its first lines were laid out. */
export async function measureFirstLayout(page: Page, url: string, run: string): Promise<FirstLayout> {
  await page.goto(`${url}/runs/${run}`)
  const link = page.getByRole('main').getByRole('link', { name: 'Review', exact: true })
  await link.waitFor()
  const shown = page.evaluate(watchFirstLayout)
  await link.click()
  return shown
}

/** Jumps to random places of a diff, each time at the beginning of a frame, and returns the milliseconds until lines were laid out everywhere. */
export function measureJumps(page: Page, count: number): Promise<readonly number[]> {
  return page.evaluate(async (times) => {
    const scroller = document.querySelector('[aria-label="Changes"]')
    if (scroller === null) throw new Error('there is no diff')
    const { left, top, width, height } = scroller.getBoundingClientRect()
    const nextFrame = (): Promise<unknown> => new Promise(requestAnimationFrame)
    const isRow = (y: number): boolean => (document.elementFromPoint(left + width / 2, y)?.closest('.row, .file-heading') ?? null) !== null
    /** Lines, or the heading of a file, near the top, in the middle and near the bottom, a little aside where two files meet; asking where they are lays the page out. */
    const isShown = (): boolean => [0.1, 0.5, 0.9].map((part) => top + height * part).every((y) => isRow(y) || isRow(y + 40))
    const taken: number[] = []
    for (let jump = 0; jump < times; jump += 1) {
      const began = performance.now()
      scroller.scrollTop = Math.random() * (scroller.scrollHeight - 2 * height)
      let frames = 0
      do {
        await nextFrame()
        if ((frames += 1) > 600) throw new Error(`nothing is shown at ${scroller.scrollTop} of ${scroller.scrollHeight}`)
      } while (!isShown())
      taken.push(performance.now() - began)
      // Colours come once it is calm; they are not what is measured.
      for (let rest = 0; rest < 10; rest += 1) await nextFrame()
    }
    return taken
  }, count)
}

/** Runs inside the page. */
function watchFirstLayout(): Promise<FirstLayout> {
  let parsed = Number.NaN
  const parse: unknown = Reflect.get(Response.prototype, 'json')
  Response.prototype.json = async function readJson(this: Response) {
    const value: unknown = await (parse as Response['json']).call(this)
    if (this.url.endsWith('/diff')) parsed = performance.now()
    return value
  }
  return new Promise((resolve) => {
    new MutationObserver((_changes, observer) => {
      const row = document.querySelector('[aria-label="Changes"] code')
      // Asking where it is lays the page out.
      if (row === null || row.getBoundingClientRect().height === 0) return
      const now = performance.now()
      observer.disconnect()
      const answer = performance.getEntriesByType('resource').findLast(({ name }) => name.endsWith('/diff'))
      resolve({ answered: answer instanceof PerformanceResourceTiming ? now - answer.responseEnd : Number.NaN, parsed: now - parsed })
    }).observe(document, { subtree: true, childList: true, attributes: true })
  })
}
