import { lookOf, plainLook, type Look } from '../look.ts'

/** Where the demo tells what it does. */
export interface Narrator {
  readonly look: Look
  /** Begins a step, headed by the command a human would type for it. */
  readonly step: (command: string) => void
  /** Begins a part that is no command. */
  readonly part: (title: string) => void
  /** Tells what came of it, without its empty lines: the demo is long enough. */
  readonly say: (text: string) => void
}

/** Returns a narrator for people, dressed for the stream it writes to. */
export function createNarrator(stream: NodeJS.WriteStream): Narrator {
  const look = lookOf(stream, Date.now())
  return {
    look,
    step: (command) => stream.write(`\n${look.ink.dim('$')} ${look.ink.bold(command)}\n`),
    part: (title) => stream.write(`\n${look.ink.bold(title)}\n`),
    say: (text) => stream.write(text.split('\n').filter((line) => line.trim() !== '').map((line) => `  ${line}\n`).join('')),
  }
}

/** Tells nothing, for `--json`. */
export const silent: Narrator = { look: plainLook(0), step: () => {}, part: () => {}, say: () => {} }
