import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createGates } from './gates.ts'
import { asObject, type Json } from './json.ts'
import { createLane, isMain, takeTurn, type Lane } from './lane.ts'
import { readRequest, type ModelRequest, type Wire } from './request.ts'
import type { Scenario, Turn } from './scenario.ts'
import { serveJson, serveTurn, type Outcome } from './serve-turn.ts'
import { sampleOf, type Part } from './tools.ts'

/** One request an agent made. */
export interface SeenRequest extends ModelRequest {
  readonly lane: string
  /** Whether it took a turn. */
  readonly main: boolean
  /** Headers as they came; secrets of a test are scripted ones. */
  readonly headers: Readonly<IncomingMessage['headers']>
  readonly sent: readonly Part[]
  readonly outcome: Outcome
}

/**
 * A stand-in for a model provider that plays a scenario, on loopback.
 * Base addresses: OpenAI chat and responses `URL/v1`, Anthropic `URL`, Gemini `URL`; of a lane `URL/lane/NAME/…`.
 */
export interface FakeModel {
  readonly url: string
  /** Every request so far; each entry changes as its answer goes on. */
  readonly requests: readonly SeenRequest[]
  /** What did not fit in a lane, `default` for the address without one. */
  problems(lane?: string): readonly string[]
  /** Starts a scenario in place of the one so far. */
  load(scenario: Scenario): void
  openGate(name: string): void
  /** Returns the first request so far, or to come, that suits. It is looked at when it comes and when its answer ends. */
  waitFor(suits: (request: SeenRequest) => boolean): Promise<SeenRequest>
  close(): Promise<void>
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

/** Starts a model that plays a scenario. */
export async function startFakeModel(scenario: Scenario): Promise<FakeModel> {
  const lanes = new Map<string, Lane>()
  const requests: Changing<SeenRequest>[] = []
  const watchers = new Set<() => void>()
  const gates = createGates()

  function load(next: Scenario): void {
    lanes.clear()
    for (const [name, each] of [['default', next] as const, ...Object.entries(next.lanes ?? {})]) lanes.set(name, createLane(each))
  }

  function announce(): void {
    for (const look of watchers) look()
  }

  async function answer(request: ModelRequest, laneName: string, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const lane = lanes.get(laneName) ?? createLane({})
    lanes.set(laneName, lane)
    const main = isMain(lane, request)
    const seen: Changing<SeenRequest> = { ...request, lane: laneName, main, headers: message.headers, sent: [], outcome: 'pending' }
    requests.push(seen)
    announce()
    const gone = new AbortController()
    response.on('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    const chosen = main ? takeTurn(lane, request) : { turn: asideTurn(lane, request), index: undefined }
    Object.assign(seen, await serveTurn({ request, response, gates, gone: gone.signal }, lane, chosen))
    announce()
  }

  async function route(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { lane, path } = laneIn(new URL(message.url ?? '/', 'http://model').pathname)
    const text = await bodyOf(message)
    const target = message.method === 'POST' ? targetOf(path) : undefined
    if (target !== undefined) return answer(readRequest(target.wire, parseBody(text), target), lane, message, response)
    if (/(count_tokens|:countTokens)$/.test(path)) return serveJson(response, 200, { input_tokens: Math.ceil(text.length / 4), totalTokens: Math.ceil(text.length / 4) })
    if (message.method === 'GET' && path.endsWith('/models')) return serveJson(response, 200, { object: 'list', data: [{ id: 'scripted', object: 'model', owned_by: 'test' }], models: [] })
    serveJson(response, 404, { error: { message: 'not part of the scripted model' } })
  }

  load(scenario)
  const server = createServer((message, response) => {
    route(message, response).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    requests,
    problems: (lane = 'default') => lanes.get(lane)?.problems ?? [],
    load,
    openGate: (name) => gates.open(name),
    waitFor: (suits) =>
      new Promise((found) => {
        const look = (): void => {
          const request = requests.find((each) => suits(each))
          if (request === undefined) return
          watchers.delete(look)
          found(request)
        }
        watchers.add(look)
        look()
      }),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function asideTurn(lane: Lane, request: ModelRequest): Turn {
  return { steps: [{ say: request.wantsJson === undefined ? (lane.scenario.side ?? 'Scripted title') : JSON.stringify(sampleOf(request.wantsJson)) }] }
}

function laneIn(pathname: string): { readonly lane: string; readonly path: string } {
  const found = /^\/lane\/([^/]+)(\/.*)?$/.exec(pathname)
  return { lane: found?.[1] ?? 'default', path: found === null ? pathname : (found[2] ?? '/') }
}

function targetOf(path: string): { readonly wire: Wire; readonly model: string; readonly stream: boolean } | undefined {
  const gemini = /\/models\/([^/:]+):(stream)?generateContent$/i.exec(path)
  if (gemini !== null) return { wire: 'gemini', model: gemini[1] ?? '', stream: gemini[2] !== undefined }
  const ends = { '/chat/completions': 'chat', '/responses': 'responses', '/messages': 'anthropic' } as const
  const wire = Object.entries(ends).find(([end]) => path.endsWith(end))?.[1]
  return wire === undefined ? undefined : { wire, model: '', stream: false }
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of message) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

function parseBody(text: string): Json {
  try {
    return asObject(JSON.parse(text))
  } catch {
    // An agent that asks in no format gets the answer to an empty question, and its test sees that.
    return {}
  }
}
