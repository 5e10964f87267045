import { setImmediate as nextLoop } from 'node:timers/promises'
import { messageOf } from '@signalbox/core'
import { findExcess } from '../output/find-excess.ts'
import { asId, asObject, isObject, type Json } from '../output/json.ts'
import { readLines, type Line } from '../output/lines.ts'
import { PeerGone, readRpcError, rpcCodes, RpcError, RpcTimeout } from './rpc.ts'

/** What is done with what the other side says, in the order it was said. */
export interface Listener {
  /** Answers a request. @throws RpcError to be answered with; anything else becomes -32603 */
  onRequest(method: string, params: Json, id: RpcId): Promise<unknown>
  onNotification(method: string, params: Json, line: string): void
  /** What is no message, or answers nothing that was asked. */
  onStray(line: string): void
}

export type RpcId = string | number

/** Our end of a JSON-RPC conversation in lines. */
export interface Peer {
  /** @throws RpcError the other side's · PeerGone · RpcTimeout after `limitMs` */
  request(method: string, params: Json, limitMs?: number): Promise<unknown>
  notify(method: string, params: Json): void
  /** Hears nothing more, but gives the answers that are due. The program is still read, for one that nobody reads would hang in writing. */
  stop(): void
}

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * Talks JSON-RPC with a program over its standard streams. A line that begins like a message and is none, or holds more than can be kept, means that
 * a message was lost: everything open fails, and nothing more is heard. Any other line is what somebody printed, a stray one.
 */
export function connectPeer(output: AsyncIterable<Uint8Array>, input: { write(text: string): void }, listener: Listener): Peer {
  const pending = new Map<RpcId, Pending>()
  let [asked, answers] = [0, 0]
  let gone: PeerGone | undefined
  let isDeaf = false

  const send = (message: Json): void => input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

  function leave(error: PeerGone): void {
    gone ??= error
    isDeaf = true
    for (const { reject } of pending.values()) reject(gone)
    pending.clear()
  }

  async function answer(id: RpcId, method: string, params: Json): Promise<void> {
    try {
      const result = await listener.onRequest(method, params, id)
      send({ id, result })
    } catch (error) {
      const { code, message } = error instanceof RpcError ? error : { code: rpcCodes.internal, message: messageOf(error) }
      send({ id, error: { code, message } })
    }
  }

  function take(message: Json, line: string): void {
    const { method } = message
    const id = typeof message['id'] === 'number' ? message['id'] : asId(message['id'])
    if (typeof method === 'string') {
      const params = isObject(message['params']) ? message['params'] : {}
      if (id !== undefined) void answer(id, method, params)
      else listener.onNotification(method, params, line)
      return
    }
    const open = id === undefined ? undefined : pending.get(id)
    if (open === undefined) return listener.onStray(line)
    if ('error' in message) open.reject(readRpcError(message['error']))
    else open.resolve(message['result'])
    answers += 1
  }

  function hear(line: Line): void {
    if (line.kind === 'long') return leave(new PeerGone('broken', `It wrote a line of ${line.bytes} bytes`))
    const text = line.text.trim()
    if (!text.startsWith('{')) return listener.onStray(text)
    const excess = findExcess(text)
    if (excess !== undefined) return leave(new PeerGone('broken', `It wrote a message of ${excess}`))
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch (error) {
      return leave(new PeerGone('broken', `It wrote a message that is no JSON: ${messageOf(error).slice(0, 300)}`))
    }
    take(asObject(message), text)
  }

  async function listen(): Promise<void> {
    for await (const line of readLines(output)) {
      if (isDeaf) continue
      const before = answers
      hear(line)
      // Whoever asked goes on before what was said after the answer is heard.
      if (answers > before) await nextLoop()
    }
  }

  listen().then(
    () => leave(new PeerGone('ended', 'Its output ended')),
    (error: unknown) => leave(error instanceof PeerGone ? error : new PeerGone('broken', `Its output could not be read: ${messageOf(error)}`)),
  )
  return {
    request: (method, params, limitMs) =>
      new Promise((resolve, reject) => {
        if (gone !== undefined) return reject(gone)
        const id = ++asked
        const timer = limitMs === undefined ? undefined : setTimeout(() => settle(() => reject(new RpcTimeout(`It did not answer ${method} within ${limitMs / 1_000} s`))), limitMs)
        const settle = (act: () => void): void => {
          clearTimeout(timer)
          pending.delete(id)
          act()
        }
        pending.set(id, { resolve: (result) => settle(() => resolve(result)), reject: (error) => settle(() => reject(error)) })
        send({ id, method, params })
      }),
    notify: (method, params) => {
      if (gone === undefined) send({ method, params })
    },
    stop: () => leave(new PeerGone('ended', 'Nobody listens any more')),
  }
}
