import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from './answer.ts'
import { invalid } from './refusal.ts'
import { pathOf } from './target.ts'

/** One file a page consists of. */
export interface WebFile {
  /** Its Content-Type. */
  readonly type: string
  /** Absolute path; made when the pages were built, never of what somebody asks for. */
  readonly file: string
}

/** The files of the pages by the path they are asked for, such as `/assets/a.js`. */
export type WebFiles = ReadonlyMap<string, WebFile>

/**
 * Returns what answers every path outside the API: a file of the map, below `/assets` nothing else, and for any other path
 * the page itself, which knows what to show there. Files are read once.
 */
export function createStaticFiles(files: WebFiles): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const read = new Map<WebFile, Promise<Buffer>>()
  return async (request, response) => {
    const path = pathOf(request.url ?? '/')
    const file = files.get(path) ?? (path.startsWith('/assets/') || path === '/assets' ? undefined : files.get('/index.html'))
    if (file === undefined) {
      refuse(request, response, invalid(404, 'There is nothing at this path', 'Ask for /'))
      return
    }
    const bytes = read.get(file) ?? readFile(file.file)
    read.set(file, bytes)
    bytes.catch(() => read.delete(file))
    const body = await bytes
    response.writeHead(200, { 'content-type': file.type, 'content-length': body.length }).end(request.method === 'HEAD' ? undefined : body)
  }
}
