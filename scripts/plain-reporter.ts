import type { Reporter, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` as the very last line of a test run. Errors outside any test count as failures. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0
    let failed = unhandled.length
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        if (state === 'failed') failed += 1
      }
    }
    // After the other reporters: they print their summary from the same event.
    process.once('exit', () => console.log(`${passed} passed, ${failed} failed`))
  }
}
