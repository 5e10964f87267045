import { ControlError } from '@signalbox/core'

/** What `serve` was asked. */
export interface ServeFlags {
  readonly port?: string
  readonly host?: string
  readonly detach?: true
  readonly open?: true
  readonly orDemo?: true
  readonly stop?: true
  readonly stopRuns?: true
  readonly json?: true
}

/** Reads `--port`; undefined when it was not given. @throws ControlError `input.invalid` */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port > 0 && port <= 65_535) return port
  throw new ControlError('input.invalid', `--port takes a number from 1 to 65535, not ${JSON.stringify(text)}`, { hint: 'Leave it out for the port of last time, or any free one' })
}
