import { execFile } from 'node:child_process'
import { ControlError } from '@signalbox/core'

/** Counts of one run of `node --test`. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
}

/**
 * Runs `node --test` in a folder, as the demo's human would, and returns the counts.
 * @throws ControlError `internal.unexpected` when no test ran: that is neither red nor green
 */
export async function humanTests(cwd: string): Promise<TestCounts> {
  const out = await new Promise<string>((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: cwd }
    // The counts say more than the exit code, which is 1 for red tests and for none at all.
    execFile(process.execPath, ['--test', '--test-reporter=tap'], { cwd, env, timeout: 120_000 }, (_error, stdout) => resolve(stdout))
  })
  const count = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(out)?.[1] ?? 0)
  const counts = { passed: count('pass'), failed: count('fail') }
  if (counts.passed + counts.failed === 0) throw new ControlError('internal.unexpected', `node --test ran no test in ${cwd}`, { hint: 'Run the demo again in a fresh folder' })
  return counts
}
