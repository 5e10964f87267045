import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { rawRefusal } from './answer.ts'
import { watchHalfOpen } from './half-open.ts'
import { invalid, type Refusal } from './refusal.ts'
import { SecureResponse, type SecureListener } from './secure-response.ts'

const limits = {
  maxHeaderSize: 16 * 1024,
  /** A browser sends its headers at once; whoever takes seconds is slow on purpose. */
  headersTimeout: 5_000,
  /** A megabyte over loopback takes milliseconds. */
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  /** How often those times are looked at. */
  connectionsCheckingInterval: 1_000,
  /** The guard judges Host itself, to answer with its own status. */
  requireHostHeader: false,
} as const

/** Connections at once: a thousand streams, and as many again for calls. */
const maxConnections = 2_048

/** Creates the HTTP server that stands before everything: sizes, times and numbers are bounded here. `note` gets lines for a log. */
export function createHttpServer(handle: SecureListener, note: (line: string) => void): Server {
  const server = createServer({ ...limits, ServerResponse: SecureResponse }, handle)
  server.maxConnections = maxConnections
  server.maxHeadersCount = 100
  server.on('checkExpectation', (_request, response) => {
    response.socket?.end(rawRefusal(invalid(417, 'This expectation is not met here', 'Send the request without Expect'), 'Expectation Failed'))
  })
  server.on('clientError', (error, socket) => answerBroken(error, socket as Socket))
  watchHalfOpen(server, note)
  return server
}

/** Answers what never became a request. */
function answerBroken(error: Error, socket: Socket): void {
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy()
    return
  }
  const [refusal, reason] = brokenRequest('code' in error ? error.code : undefined)
  socket.end(rawRefusal(refusal, reason), () => socket.destroy())
}

function brokenRequest(code: unknown): readonly [Refusal, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [invalid(431, `Headers may have ${limits.maxHeaderSize} bytes`, 'Send fewer or shorter ones'), 'Request Header Fields Too Large']
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [invalid(408, 'The request took too long to arrive', 'Send it again, at once'), 'Request Timeout']
    default:
      return [invalid(400, 'This is no HTTP request', 'Send one as RFC 9112 describes'), 'Bad Request']
  }
}
