import { ControlError } from '@signalbox/core'
import { launchPageOf } from './launch-codes.ts'
import type { ServerState } from './server-state.ts'

/**
 * Writes the page that leads a browser to a link, readable by its owner only, and returns its path. Arguments of a
 * program are seen by everybody on the machine, so a browser is started with this file instead. It goes with its code.
 */
export async function writeLaunchPage(state: ServerState, link: string): Promise<string> {
  const code = /^http:\/\/127\.0\.0\.1:\d+\/#code=([\w-]+)$/.exec(link)?.[1]
  if (code === undefined) throw new ControlError('input.invalid', 'This is no link of a server here')
  const path = launchPageOf(state, code)
  await state.write(path, `<!doctype html>\n<meta charset="utf-8">\n<meta name="referrer" content="no-referrer">\n<meta http-equiv="refresh" content="0;url=${link}">\n<a href="${link}">Go on</a>\n`)
  return path
}
