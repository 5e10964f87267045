import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LandingJob } from './landing-program.ts'

const program = join(import.meta.dirname, 'landing-program.ts')

/** A process that lands, with everything loaded, until it is killed. */
export interface LandingChild {
  /** Gives it a job and yields each failpoint it passes, then how the job ended (`ended …`). */
  work(job: LandingJob): AsyncGenerator<string>
  /** Kills it, with its git or without, and waits until it is gone. */
  kill(how: 'group' | 'node'): Promise<void>
}

/** Starts one; `compiled` is a folder for what Node compiled. */
export function startLandingChild(state: string, journalPath: string, compiled: string): LandingChild {
  const child = spawn(process.execPath, ['--conditions', 'development', program, state, journalPath], { detached: true, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: compiled } })
  child.stdin.on('error', () => undefined) // one that failed to load is told by the end of its lines
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const closed = new Promise((resolve) => child.once('exit', resolve))
  return {
    async *work(job) {
      child.stdin.write(`${JSON.stringify(job)}\n`)
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error('the process of a landing ended by itself')
        yield value
        if (value.startsWith('ended ')) return
      }
    },
    async kill(how) {
      if (child.pid !== undefined) process.kill(how === 'group' ? -child.pid : child.pid, 'SIGKILL')
      await closed
    },
  }
}
