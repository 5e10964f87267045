import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { borrowProcess, type Surroundings } from './borrow.ts'

// The built supervisor, loaded once, for one run after another: each is owned by this process as it would be by one of its own.

/** One run, as `supervisor.js` is started for it. */
export interface SupervisedRun extends Surroundings {
  /** The memory repo and the run. */
  readonly args: readonly string[]
  /** File for what it would print. */
  readonly log: string
}

const supervisor = new URL('../../apps/cli/dist/supervisor.js', import.meta.url)
/** The module that the program is, behind what it does for its start. */
const [, own = ''] = /import\("(\.\/own-run[^"]*)"\)/.exec(readFileSync(supervisor, 'utf8')) ?? []

process.setMaxListeners(0) // each run listens for signals, and its process would end with it
const left = once(process, 'disconnect')

for (let runs = 0; process.connected; runs += 1) {
  const [run] = (await Promise.race([once(process, 'message'), left])) as [SupervisedRun?]
  if (run === undefined) break
  try {
    // Another address is another module: it runs anew, and what it imports is there already.
    await borrowProcess(run, [supervisor.pathname, ...run.args], () => import(`${new URL(own, supervisor).href}?run=${runs}`))
  } catch (error) {
    try {
      appendFileSync(run.log, `${inspect(error)}\n`)
    } finally {
      process.exit(1)
    }
  }
  if (process.connected) process.send?.('done')
}
process.exit()
