import type { IncomingMessage } from 'node:http'
import { judge, valuesOf } from './guard.ts'
import type { Refusal } from './refusal.ts'
import { isApiPath, judgeTarget, pathOf } from './target.ts'

/** Who sends a request that was let through, as its headers say it. */
export interface Caller {
  /** Empty, which is nobody's, when there is none or more than one. */
  readonly token: string
}

interface Known extends Caller {
  readonly rawHeaders: readonly string[]
}

/** Says why a request is turned away, or who sends it. */
export type Recognise = (request: IncomingMessage) => Refusal | Caller

/**
 * Returns what judges requests. On one connection the same program reads again and again with the same headers: once they
 * passed, only the target of a reading call is new, and only that is judged.
 */
export function createRecognise(): Recognise {
  const known = new WeakMap<object, Known>()
  return ({ method = '', url: target = '', rawHeaders, socket }) => {
    const reads = method === 'GET' && isApiPath(pathOf(target))
    const before = reads ? known.get(socket) : undefined
    if (before !== undefined && isSame(before.rawHeaders, rawHeaders)) return judgeTarget(target) ?? before
    const refusal = judge({ method, target, rawHeaders, port: socket.localPort ?? 0 })
    if (refusal !== undefined) return refusal
    const caller = { rawHeaders, token: tokenIn(rawHeaders) }
    if (reads) known.set(socket, caller)
    return caller
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at])
}

function tokenIn(rawHeaders: readonly string[]): string {
  const [value = '', ...more] = valuesOf(rawHeaders, 'authorization')
  return more.length > 0 ? '' : (/^Bearer ([\w-]+)$/i.exec(value)?.[1] ?? '')
}
