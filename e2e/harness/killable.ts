import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { signalIfAlive } from './signal.ts'
import type { World } from './world.ts'

const bin = fileURLToPath(new URL('../../apps/cli/bin/signalbox.mjs', import.meta.url))

/** What a kill hits: the program with every git it started, or the program alone, whose git then goes on without it. */
export type Aim = 'group' | 'program'

/** A call of the program that can be killed. */
export interface Killable {
  readonly pid: number
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Returns false when it had ended before. */
  kill(aim: Aim): boolean
}

/** Starts the real program as the leader of a process group of its own, as a shell would. */
export function startSignalbox(world: World, args: readonly string[]): Killable {
  const child = spawn(process.execPath, [bin, ...args], { cwd: world.dir, env: world.env, stdio: 'ignore', detached: true })
  const { pid } = child
  if (pid === undefined) throw new Error(`signalbox ${args.join(' ')} could not be started`)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exit) => resolve(exit))
  })
  return { pid, ended, kill: (aim) => child.exitCode === null && signalIfAlive(aim === 'group' ? -pid : pid, 'SIGKILL') }
}
