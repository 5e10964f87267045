import { run } from '@signalbox/testkit'

/** Runs a shell script in `cwd` the way the agent `shell` is told to in these tests; throws when it fails. */
export function runScriptText(cwd: string, script: string): string {
  return run(cwd, 'sh', ['-c', `set -e\n${script}`])
}
