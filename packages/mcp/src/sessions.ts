import { randomUUID } from 'node:crypto'
import { WebStandardStreamableHTTPServerTransport, type McpServer } from '@modelcontextprotocol/server'

/** Sessions that are kept; the one that was used longest ago goes first, and its client begins a new one. */
const sessionLimit = 32

/** Answers clients of protocol versions before 2026-07-28, which hold a session. */
export interface Sessions {
  handle(request: Request): Promise<Response>
  close(): Promise<void>
}

/** Returns sessions that each have a server of their own, so that what a client cancels is its own. */
export function createSessions(createServer: () => McpServer): Sessions {
  const open = new Map<string, WebStandardStreamableHTTPServerTransport>()

  async function begin(): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => keep(id, transport),
      onsessionclosed: (id) => void open.delete(id),
    })
    await createServer().connect(transport)
    return transport
  }

  async function keep(id: string, transport: WebStandardStreamableHTTPServerTransport): Promise<void> {
    open.set(id, transport)
    const [oldest] = open
    if (open.size <= sessionLimit || oldest === undefined) return
    open.delete(oldest[0])
    await oldest[1].close()
  }

  return {
    handle: async (request) => {
      const id = request.headers.get('mcp-session-id')
      if (id === null) return (await begin()).handleRequest(request)
      const transport = open.get(id)
      // As the protocol has it: the client then begins anew.
      if (transport === undefined) return Response.json({ jsonrpc: '2.0', error: { code: -32_001, message: 'There is no such session' }, id: null }, { status: 404 })
      open.delete(id)
      open.set(id, transport)
      return transport.handleRequest(request)
    },
    close: async () => {
      await Promise.all([...open.values()].map((transport) => transport.close()))
      open.clear()
    },
  }
}
