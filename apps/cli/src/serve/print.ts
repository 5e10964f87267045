import { basename } from 'node:path'
import { lookOf } from '../look.ts'
import { jsonText, note } from '../output.ts'
import type { Place } from '../server-place.ts'
import { visible } from '../untrusted.ts'
import type { ServeFlags } from './flags.ts'

/** Where a server is. */
export interface Address {
  readonly url: string
  readonly pid: number
}

/** Prints where a server is, as the one line programs wait for. No link is in it: it may go into a log. */
export function printAddress({ url, pid }: Address): void {
  process.stdout.write(`${JSON.stringify({ format: 1, url, api: `${url}/api`, pid })}\n`)
}

/** Prints the link people open, and what to do next. */
export function printLink({ memory, launcher }: Place, link: string, next: string): void {
  const { ink } = lookOf(process.stdout, Date.now())
  process.stdout.write(`${ink.bold(visible(basename(memory)))} is served on this machine\n\n  ${link}\n\n`)
  note(ink.dim(`The link lets one tab in, once, within ten minutes. Another: ${launcher} open\n${next}`))
}

/** Prints one value, or text for people. */
export function printEither(value: object, text: string, { json }: ServeFlags): void {
  process.stdout.write(json === true ? jsonText(value) : `${text}\n`)
}
