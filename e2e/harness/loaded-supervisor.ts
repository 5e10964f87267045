import childProcess, { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { readlinkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { SupervisedRun } from './loaded-supervisor-program.ts'

const program = fileURLToPath(new URL('loaded-supervisor-program.ts', import.meta.url))
const supervisor = fileURLToPath(new URL('../../apps/cli/dist/supervisor.js', import.meta.url))

/** Loaded supervisors that own no run just now. */
const idle: ChildProcess[] = []
const spawn = childProcess.spawn

/**
 * Lets the built program of this process hand its runs to supervisors that are loaded already: a start is half of what a short
 * run costs. A process as always, of its own group, that lives on when this one ends before the run.
 */
export function supervisePreloaded(isWanted: boolean): void {
  childProcess.spawn = (isWanted ? launch : spawn) as typeof spawn
  syncBuiltinESMExports()
}

function launch(command: string, args: readonly string[], options: childProcess.SpawnOptions): unknown {
  if (args[0] !== supervisor) return spawn(command, args, options)
  const [, log] = options.stdio as readonly unknown[]
  return own({ args: args.slice(1), cwd: String(options.cwd), env: options.env ?? {}, log: readlinkSync(`/proc/self/fd/${String(log)}`) })
}

function load(): ChildProcess {
  const child = fork(program, { cwd: '/', detached: true, env: {}, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  // It answers once for each run, when that has ended.
  child.on('message', () => idle.push(child))
  child.once('exit', () => idle.splice(0, idle.length, ...idle.filter((other) => other !== child)))
  child.unref()
  child.channel?.unref()
  return child
}

/** What the caller uses of a child that it will not wait for. */
function own(run: SupervisedRun): unknown {
  const child = idle.pop() ?? load()
  child.send(run)
  const told = new EventEmitter()
  process.nextTick(() => told.emit('spawn'))
  return Object.assign(told, { pid: child.pid, unref: () => {} })
}
