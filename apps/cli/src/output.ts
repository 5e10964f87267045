import { lookOf, type Look } from './look.ts'
import { visibleJson } from './untrusted.ts'

/** What a command found: the value for programs, the text for people. */
export interface Shown {
  readonly value: object
  /** Text for standard output, without the last newline. */
  readonly text: (look: Look) => string
  /** A line for people on standard error, such as what to do next. */
  readonly note?: string | undefined
  /** Exit code; 0 when absent. */
  readonly exitCode?: number
}

/** Prints what a command found: with `--json` one value and nothing else. */
export function show(shown: Shown, json: boolean): void {
  if (json) {
    process.stdout.write(jsonText(shown.value))
    return
  }
  const text = shown.text(lookOf(process.stdout, Date.now()))
  if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  if (shown.note !== undefined) note(shown.note)
}

/** Prints one line for people on standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Returns a value as the JSON text every command prints: `format` first, so that a reader can tell versions apart. */
export function jsonText(value: object): string {
  return `${visibleJson(JSON.stringify({ format: 1, ...value }, null, 2))}\n`
}
