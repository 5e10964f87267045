import { spawnSync } from 'node:child_process'
import type { Checkout } from './checkout.ts'

/** What one run of `node --test` said. */
export interface TestResult {
  /** The exit code was 0 and at least one test ran. */
  readonly green: boolean
  readonly passed: number
  readonly failed: number
  /** Names of the tests that failed. */
  readonly failures: readonly string[]
}

/** Runs the tests of a checkout with this program's own Node and returns what they said. */
export function runNodeTests(checkout: Checkout): TestResult {
  // A test runner above us would make the one below report in its own binary form.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT'))
  const child = spawnSync(process.execPath, ['--test', '--test-reporter=tap'], { cwd: checkout.path, env, encoding: 'utf8', timeout: 120_000 })
  if (child.error !== undefined) throw child.error
  const count = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(child.stdout)?.[1] ?? 0)
  return {
    green: child.status === 0 && count('pass') > 0,
    passed: count('pass'),
    failed: count('fail'),
    failures: [...child.stdout.matchAll(/^ *not ok \d+ - (.+)$/gm)].map(([, name = '']) => name),
  }
}

/** Says a result in few words: `3 pass, 1 fails`. */
export function describeTests({ passed, failed }: TestResult): string {
  return failed === 0 ? `${passed} pass` : `${passed} pass, ${failed} ${failed === 1 ? 'fails' : 'fail'}`
}
