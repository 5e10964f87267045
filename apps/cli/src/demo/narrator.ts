/** Where the demo tells what it does. */
export interface Narrator {
  /** A new step, headed by the command a human would type for it. */
  step(command: string): void
  line(text: string): void
}

/** Returns a narrator that writes paragraphs of plain text: a heading and indented lines. */
export function createNarrator(write: (text: string) => void): Narrator {
  return {
    step: (command) => write(`\n$ ${command}\n`),
    line: (text) => write(text === '' ? '\n' : `  ${text}\n`),
  }
}

/** Tells nothing, for `--json`. */
export const silent: Narrator = { step: () => undefined, line: () => undefined }
