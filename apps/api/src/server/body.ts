import type { IncomingMessage } from 'node:http'
import { maxBodyBytes, tooLarge } from './guard.ts'
import { invalid, type Refusal } from './refusal.ts'

/** How deep lists and maps of a body may nest. */
const maxDepth = 32

/** Keys that would reach the prototype of what they are copied into. */
const pollution = new Set(['__proto__', 'constructor'])

const text = new TextDecoder('utf-8', { fatal: true })

/** A body that was read whole: its bytes and the JSON in it; both undefined when there is none. */
export interface Body {
  readonly bytes: Buffer
  readonly value: unknown
}

/**
 * Reads the body of a request to its end and looks through its JSON before anybody works with it.
 * Returns why it is refused instead: too large, also in chunks of unknown number, no JSON, too deep, or with a key that pollutes.
 */
export async function readBody(request: IncomingMessage, limit = maxBodyBytes): Promise<Body | Refusal> {
  const bytes = await collect(request, limit)
  if (bytes === undefined) return tooLarge
  if (bytes.length === 0) return { bytes, value: undefined }
  return judgeJson(bytes)
}

/** Returns the JSON in these bytes, or why it is refused. */
export function judgeJson(bytes: Buffer): Body | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text.decode(bytes))
  } catch {
    return invalid(400, 'The body is no JSON', 'Send one JSON value in UTF-8')
  }
  const trouble = findTrouble(value, 1)
  return trouble === undefined ? { bytes, value } : invalid(400, trouble, 'Send the fields that the call describes')
}

function findTrouble(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > maxDepth) return `The body nests deeper than ${maxDepth}`
  for (const [key, inner] of Object.entries(value)) {
    if (pollution.has(key)) return `The body has a key ${key}`
    const trouble = findTrouble(inner, depth + 1)
    if (trouble !== undefined) return trouble
  }
  return undefined
}

/** Undefined when there are more bytes than `limit`; the rest is left unread. */
function collect(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const take = (chunk: Buffer): void => {
      length += chunk.length
      if (length <= limit) {
        chunks.push(chunk)
        return
      }
      request.off('data', take)
      resolve(undefined)
    }
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', reject)
    request.once('close', () => reject(new Error('the request ended before its body did')))
  })
}
