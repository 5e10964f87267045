import { readFileSync } from 'node:fs'

/** One fenced block of a README. */
export interface Example {
  readonly language: string
  readonly text: string
}

/** Returns the fenced blocks of a Markdown file that name their language, in order. */
export function readExamples(path: string): readonly Example[] {
  const fences = readFileSync(path, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)
  return [...fences].map(([, language = '', text = '']) => ({ language, text }))
}

/** Returns the lines an example says it prints: the comment behind each `console.log`. */
export function findPromises({ text }: Example): readonly string[] {
  return [...text.matchAll(/console\.log\(.*\) +\/\/ (.+)$/gm)].map(([, promised = '']) => promised)
}

/** Returns a shell script that goes on after a failed line, as a person at a prompt would, and tells of each on standard error. */
export function asTyped({ text }: Example): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `{\n${line}\n} || printf 'exit %s: %s\\n' "$?" ${quoted(line.replace(/ +#.*/, ''))} >&2\n`)
    .join('')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
