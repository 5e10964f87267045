import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf, ControlError, hasCode, messageOf } from '@signalbox/core'
import type { Announcement } from '@signalbox/api/server'
import type { Place } from '../server-place.ts'

/** Milliseconds a server gets to answer. Its start settles what killed processes left, which may be much. */
const startMs = 60_000

/**
 * Starts `serve` as a process of its own, which outlives this one and writes to the log in the state folder, and returns
 * once it listens.
 * @throws ControlError whatever kept it from starting
 */
export async function startDaemon(place: Place, args: readonly string[]): Promise<Announcement> {
  const { findServer, serverLogOf } = await import('@signalbox/api/server')
  const file = serverLogOf(place)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const log = openSync(file, 'a', 0o600)
  const from = statSync(file).size
  const [bin = ''] = process.argv.slice(1)
  const child = spawn(process.execPath, [bin, 'serve', '--json', '--memory', place.memory, ...args], { cwd: place.memory, env: place.env, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  // Without a process there is no pid, and no exit to wait for.
  child.once('error', () => {})
  child.unref()
  const until = performance.now() + startMs
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null && performance.now() < until) {
    const running = await findServer(place).catch(ifNoneRuns)
    if (running !== undefined && running.pid === child.pid) return running
    await delay(50)
  }
  throw failureIn(readFileSync(file, 'utf8').slice(from), file)
}

function ifNoneRuns(error: unknown): undefined {
  if (!hasCode(error, 'server.not_running')) throw error
}

/** Returns the error that a server which did not start has left in its log. */
function failureIn(text: string, file: string): ControlError {
  const start = text.indexOf('{\n  "format"')
  const printed: unknown = start === -1 ? undefined : JSON.parse(text.slice(start, text.indexOf('\n}', start) + 2))
  const { error, format: _format, ...data } = isRecord(printed) ? printed : {}
  const code = codeOf(error)
  if (code === undefined) return new ControlError('internal.unexpected', 'The server did not start', { hint: `Read ${file}` })
  const hint = isRecord(error) ? error['hint'] : undefined
  return new ControlError(code, messageOf(error), { data, hint: typeof hint === 'string' ? hint : `Read ${file}` })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
