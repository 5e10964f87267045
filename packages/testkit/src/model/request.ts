import { asList, asObject, asText, textOf, type Json } from './json.ts'

/** The wire formats of model providers. */
export type Wire = 'chat' | 'responses' | 'anthropic' | 'gemini'

/** A tool as the agent offers it to the model. */
export interface OfferedTool {
  readonly name: string
  /** Set where the format groups tools. */
  readonly namespace?: string
  /** `function`, or what else the format has: `custom`, `local_shell`, `tool_search`. */
  readonly kind: string
  readonly schema: Json
}

/** What an agent asks a model, whichever wire it came over. */
export interface ModelRequest {
  readonly wire: Wire
  readonly model: string
  readonly stream: boolean
  readonly tools: readonly OfferedTool[]
  /** Texts of the user, in order. */
  readonly users: readonly string[]
  /** What its tools answered, in order. */
  readonly results: readonly string[]
  /** The schema of a structured answer, where one is asked for. */
  readonly wantsJson: Json | undefined
  /** The body as it came. */
  readonly raw: string
}

/** Reads the body of a request; what the address says of it comes in `at`. */
export function readRequest(wire: Wire, body: Json, at: { readonly model: string; readonly stream: boolean }): ModelRequest {
  const common = { wire, raw: JSON.stringify(body), model: asText(body['model']), stream: body['stream'] === true }
  switch (wire) {
    case 'chat':
      return { ...common, ...readChat(body) }
    case 'responses':
      return { ...common, ...readResponses(body) }
    case 'anthropic':
      return { ...common, ...readAnthropic(body) }
    case 'gemini':
      return { ...common, ...at, ...readGemini(body) }
    default:
      return wire satisfies never
  }
}

type Parts = Pick<ModelRequest, 'tools' | 'users' | 'results' | 'wantsJson'>

function readChat(body: Json): Parts {
  const messages = asList(body['messages'])
  const format = asObject(body['response_format'])
  return {
    tools: asList(body['tools']).map((tool) => offered(asObject(tool['function']), 'function', 'parameters')).filter(isNamed),
    users: messages.filter((message) => message['role'] === 'user').map((message) => textOf(message['content'])),
    results: messages.filter((message) => message['role'] === 'tool').map((message) => textOf(message['content'])),
    wantsJson: schemaIn(asObject(format['json_schema'])['schema']) ?? (format['type'] === 'json_object' ? {} : undefined),
  }
}

function readResponses(body: Json): Parts {
  const items = typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : asList(body['input'])
  // Tools that a search found come as an item of their own.
  const tools = [...asList(body['tools']), ...items.flatMap((item: Json) => asList(item['tools']))]
  return {
    tools: tools.flatMap((tool) =>
      tool['type'] === 'namespace'
        ? asList(tool['tools']).map((inner) => ({ ...offered(inner, asText(inner['type']) || 'function', 'parameters'), namespace: asText(tool['name']) }))
        : [offered({ name: tool['type'], ...tool }, asText(tool['type']), 'parameters')],
    ),
    users: items.filter((item: Json) => item['role'] === 'user').map((item: Json) => textOf(item['content'])),
    results: items.filter((item: Json) => asText(item['type']).endsWith('_output')).map((item: Json) => textOf(item['output']) || JSON.stringify(item['output'])),
    wantsJson: schemaIn(asObject(asObject(body['text'])['format'])['schema']),
  }
}

function readAnthropic(body: Json): Parts {
  const blocks = asList(body['messages']).flatMap((message) =>
    typeof message['content'] === 'string'
      ? [{ role: message['role'], type: 'text', text: message['content'] }]
      : asList(message['content']).map((block) => ({ role: message['role'], ...block })),
  )
  return {
    tools: asList(body['tools']).map((tool) => offered(tool, 'function', 'input_schema')),
    users: blocks.filter((block: Json) => block['role'] === 'user' && block['type'] === 'text').map((block: Json) => asText(block['text'])),
    results: blocks.filter((block: Json) => block['type'] === 'tool_result').map((block: Json) => textOf(block['content'])),
    wantsJson: schemaIn(asObject(asObject(body['output_config'])['format'])['schema']) ?? schemaIn(asObject(body['output_format'])['schema']),
  }
}

function readGemini(body: Json): Parts {
  const parts = asList(body['contents']).flatMap((content) => asList(content['parts']).map((part) => ({ role: content['role'], ...part })))
  const settings = asObject(body['generationConfig'])
  return {
    tools: asList(body['tools'])
      .flatMap((tool) => asList(tool['functionDeclarations']))
      .map((tool) => offered(tool, 'function', tool['parametersJsonSchema'] === undefined ? 'parameters' : 'parametersJsonSchema')),
    users: parts.filter((part: Json) => part['role'] === 'user' && asText(part['text']) !== '').map((part: Json) => asText(part['text'])),
    results: parts.filter((part: Json) => part['functionResponse'] !== undefined).map((part: Json) => JSON.stringify(asObject(part['functionResponse'])['response'])),
    wantsJson: schemaIn(settings['responseJsonSchema']) ?? schemaIn(settings['responseSchema']) ?? (settings['responseMimeType'] === 'application/json' ? {} : undefined),
  }
}

function offered(tool: Json, kind: string, schema: string): OfferedTool {
  return { name: asText(tool['name']), kind, schema: asObject(tool[schema]) }
}

function isNamed(tool: OfferedTool): boolean {
  return tool.name !== ''
}

function schemaIn(value: unknown): Json | undefined {
  return value === undefined || value === null ? undefined : asObject(value)
}
