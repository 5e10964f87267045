import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { appendWhole } from './append-whole.ts'
import { createRedactor } from './redact.ts'

/** Bytes of an agent's own output that are kept. */
const fileLimit = 64 << 20

/** Bytes that are looked through for secrets at once; a longer line is cut there. */
const lineLimit = 1 << 20

/** Keeps the output of an agent byte for byte, but for secrets, beside what was understood of it. */
export interface RawOutput {
  write(chunk: Uint8Array): void
  close(): void
}

/** Opens the file for appending. */
export function openRawOutput(path: string, env: Readonly<Record<string, string | undefined>>): RawOutput {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openSync(path, 'a', 0o600)
  // One character a byte: what is no UTF-8 stays as it is. A secret is looked for as the bytes it is written in.
  const redact = createRedactor(Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value === undefined ? undefined : Buffer.from(value).toString('latin1')])))
  let rest = ''
  let written = 0

  function keep(text: string): void {
    if (written >= fileLimit) return
    written += appendWhole(file, Buffer.from(redact(text), 'latin1'))
  }

  return {
    write: (chunk) => {
      const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
      const at = text.lastIndexOf('\n') + 1
      if (at > 0) keep(text.slice(0, at))
      rest = text.slice(at)
      if (rest.length > lineLimit) {
        keep(rest)
        rest = ''
      }
    },
    close: () => {
      keep(rest)
      closeSync(file)
    },
  }
}
