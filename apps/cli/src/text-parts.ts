import { ago as agoOf } from '@signalbox/core'
import { visible } from './untrusted.ts'

export { count, duration, shortId, size } from '@signalbox/core'

/** Returns how long ago an instant was, shortly; what is no instant, as it may be shown. */
export function ago(at: string, now: number): string {
  return visible(agoOf(at, now))
}

/** Returns text with every line moved right. */
export function indent(text: string, by = '  '): string {
  return text.replace(/^(?=.)/gm, by)
}

/** Returns lines `name  value` with the values under each other; values of `undefined` are left out. */
export function fields(pairs: readonly (readonly [name: string, value: string | undefined])[], dim: (text: string) => string): string {
  const shown = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${dim(name.padEnd(width))}  ${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`).join('\n')
}

/** Returns blocks of text with an empty line between them; empty ones are left out. */
export function blocks(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}
