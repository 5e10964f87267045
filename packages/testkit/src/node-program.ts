import type { FileContent } from './write-files.ts'

/**
 * An executable file that this Node runs, in CommonJS. To a shell the second line starts Node, to Node it is a comment:
 * a first line could not name one in a folder with a space.
 */
export function nodeProgram(source: string): FileContent {
  return { executable: `#!/bin/sh\n':' //; exec '${process.execPath.replaceAll("'", String.raw`'\''`)}' "$0" "$@"\n${source}` }
}
