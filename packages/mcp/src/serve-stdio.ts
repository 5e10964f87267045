import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createMcpServer, type ServerInfo } from './mcp-server.ts'
import type { Tool } from './tool.ts'

/** Bytes that one message may have. */
const maxBufferSize = 1 << 20

/** Serves tools to the program at the other end of two streams, until it closes its end. */
export async function serveMcpOverStdio(tools: readonly Tool[], info: ServerInfo, { input, output }: { readonly input: Readable; readonly output: Writable }): Promise<void> {
  const serving = serveStdio(() => createMcpServer(tools, info), { transport: new StdioServerTransport(input, output, { maxBufferSize }) })
  try {
    await finished(input, { writable: false })
  } finally {
    await serving.close()
  }
}
