import { clip } from '../output/clip.ts'
import { asText, isObject } from '../output/json.ts'

/** Codes of JSON-RPC and of the protocol on top that mean something here. */
export const rpcCodes = { noSuchMethod: -32601, invalidParams: -32602, internal: -32603, loginNeeded: -32000, notFound: -32002 } as const

/** An answer that is an error: the other side's, or one of ours to it. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** Nothing more will be answered: the program ended its output, or broke the protocol. */
export class PeerGone extends Error {
  override readonly name = 'PeerGone'
  readonly how: 'ended' | 'broken'

  constructor(how: 'ended' | 'broken', message: string) {
    super(message)
    this.how = how
  }
}

/** No answer in time. */
export class RpcTimeout extends Error {
  override readonly name = 'RpcTimeout'
}

export function readRpcError(error: unknown): RpcError {
  const { code, message, data } = isObject(error) ? error : {}
  return new RpcError(typeof code === 'number' ? code : rpcCodes.internal, clip(asText(message) ?? 'It failed and did not say why', 4_000), data)
}
