import { createServer } from 'node:http'
import { asObject, asText, type Json } from './json.ts'
import { serveJson } from './serve-turn.ts'

/** A small tool server over HTTP on loopback, to be handed to an agent. Its one tool is `report_status {state, note?}`. */
export interface ToolServer {
  readonly url: string
  readonly token: string
  /** Calls of its tools, as they came. */
  readonly calls: readonly { readonly name: string; readonly arguments: Json }[]
  close(): Promise<void>
}

const reportStatus = {
  name: 'report_status',
  description: 'Report the state of the task to the control plane.',
  inputSchema: { type: 'object', properties: { state: { type: 'string', enum: ['working', 'blocked', 'done'] }, note: { type: 'string' } }, required: ['state'] },
}

/** Starts a tool server that answers only who brings its token. */
export async function startToolServer(): Promise<ToolServer> {
  const token = 'scripted-tool-token-0001'
  const calls: { readonly name: string; readonly arguments: Json }[] = []
  function answer({ method, params }: Json): unknown {
    const given = asObject(params)
    if (method === 'initialize') return { protocolVersion: asText(given['protocolVersion']) || '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'scripted', version: '1' } }
    if (method === 'tools/list') return { tools: [reportStatus] }
    if (method !== 'tools/call') return {}
    const args = asObject(given['arguments'])
    calls.push({ name: asText(given['name']), arguments: args })
    return { content: [{ type: 'text', text: `recorded: ${asText(args['state'])}` }] }
  }
  const server = createServer((message, response) => {
    let text = ''
    message.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    message.on('end', () => {
      if (message.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end()
      if (message.method !== 'POST') return response.writeHead(405).end()
      const request = asObject(JSON.parse(text))
      if (request['id'] === undefined) return response.writeHead(202).end()
      return serveJson(response, 200, { jsonrpc: '2.0', id: request['id'], result: answer(request) })
    })
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/mcp`,
    token,
    calls,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
