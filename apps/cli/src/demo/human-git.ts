import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ControlError, messageOf } from '@signalbox/core'

const run = promisify(execFile)

/** Who plays the human in the demo. */
export const HUMAN = { name: 'Robin Demo', email: 'robin@example.invalid' } as const

/**
 * Runs plain git as the demo's human would and returns what it printed. No settings of the real user's take part, and
 * nothing above `cwd` is looked at.
 * @throws ControlError `git.not_found`, `git.command_failed`
 */
export async function humanGit(cwd: string, args: readonly string[], extraEnv: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: dirname(cwd),
    GIT_TERMINAL_PROMPT: '0',
    ...extraEnv,
  }
  try {
    return (await run('git', ['-c', 'maintenance.auto=false', ...args], { cwd, env, maxBuffer: 16 * 1024 * 1024 })).stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new ControlError('git.not_found', 'git was not found on PATH', { hint: 'Install git 2.38 or newer and put it first on PATH', cause: error })
    }
    throw new ControlError('git.command_failed', `git ${args[0] ?? ''} in ${cwd} failed: ${messageOf(error)}`, { hint: 'Run the demo again in a fresh folder', cause: error })
  }
}
