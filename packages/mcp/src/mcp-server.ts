import { codeOf, messageOf } from '@signalbox/core'
import { McpServer, type ServerContext } from '@modelcontextprotocol/server'
import type { Tool } from './tool.ts'

/** How the server introduces itself. */
export interface ServerInfo {
  readonly version: string
  /** What a model is told about the tools as a whole. */
  readonly instructions?: string
}

/** Milliseconds between signs of life of a call that takes long: clients give up on one that is silent for a minute. */
const beatMs = 15_000

/** Returns a server of these tools; one connection, or one request, each. */
export function createMcpServer(tools: readonly Tool[], { version, instructions }: ServerInfo): McpServer {
  const server = new McpServer({ name: 'signalbox', version }, { capabilities: { tools: {} }, ...(instructions === undefined ? {} : { instructions }) })
  for (const tool of tools) {
    const annotations = { readOnlyHint: tool.reads, destructiveHint: false, openWorldHint: false }
    server.registerTool(tool.name, { description: tool.description, inputSchema: tool.input, annotations }, (input, context) => answer(tool, input, context))
  }
  return server
}

/** What went wrong is an answer too: a model acts on its code and hint. */
async function answer(tool: Tool, input: Record<string, unknown>, context: ServerContext): Promise<{ content: { type: 'text'; text: string }[]; isError?: true }> {
  const beat = startBeat(context)
  try {
    return { content: [{ type: 'text', text: await tool.call(input, { signal: goneSignal(context) }) }] }
  } catch (error) {
    return { content: [{ type: 'text', text: sayError(error) }], isError: true }
  } finally {
    clearInterval(beat)
  }
}

/** Fires when the client cancels the request, and when the connection it would be answered on is closed. */
function goneSignal({ mcpReq, http }: ServerContext): AbortSignal {
  return http?.req === undefined ? mcpReq.signal : AbortSignal.any([mcpReq.signal, http.req.signal])
}

/** Tells a client that asked for it now and then that its call is under way. */
function startBeat({ mcpReq }: ServerContext): NodeJS.Timeout | undefined {
  const progressToken = mcpReq._meta?.progressToken
  if (progressToken === undefined) return undefined
  let progress = 0
  return setInterval(() => {
    progress += 1
    // A client that is gone is noticed by the signal of its request.
    mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } }).catch(() => undefined)
  }, beatMs).unref()
}

function sayError(error: unknown): string {
  const code = codeOf(error)
  if (code === undefined) return `internal.unexpected: ${messageOf(error)}`
  const hint = typeof error === 'object' && error !== null && 'hint' in error && typeof error.hint === 'string' ? `\n${error.hint}` : ''
  return `${code}: ${messageOf(error)}${hint}`
}
