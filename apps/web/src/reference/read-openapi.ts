/** One call of the API, as the reference shows it. */
export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly parameters: readonly { readonly name: string; readonly place: string; readonly type: string; readonly required: boolean }[]
  /** What is sent, as a type; undefined when nothing is. */
  readonly body: string | undefined
  readonly answers: readonly { readonly status: string; readonly description: string; readonly type: string }[]
}

/** The calls about one subject. */
export interface OperationGroup {
  readonly name: string
  readonly operations: readonly Operation[]
}

/** A named type of the document. */
export interface NamedType {
  readonly name: string
  readonly type: string
}

const methods = ['get', 'post', 'patch', 'put', 'delete']

/** Reads an OpenAPI document into groups of calls in its own order; what is not as expected is left out. */
export function readOperations(document: unknown): readonly OperationGroup[] {
  const groups = new Map<string, Operation[]>()
  for (const [path, calls] of entriesOf(at(document, 'paths'))) {
    for (const [method, call] of entriesOf(calls)) {
      if (!methods.includes(method)) continue
      const [tag] = listOf(at(call, 'tags'))
      const name = typeof tag === 'string' ? tag : 'other'
      groups.set(name, [...(groups.get(name) ?? []), readOperation(method, path, call)])
    }
  }
  return [...groups].map(([name, operations]) => ({ name, operations }))
}

/** Reads the named types of an OpenAPI document. */
export function readTypes(document: unknown): readonly NamedType[] {
  return entriesOf(at(at(document, 'components'), 'schemas')).map(([name, schema]) => ({ name, type: typeText(schema) }))
}

function readOperation(method: string, path: string, call: unknown): Operation {
  const body = at(call, 'requestBody')
  return {
    id: `${method}-${path.replaceAll(/[^a-z0-9]+/gi, '-')}`,
    method: method.toUpperCase(),
    path,
    summary: textOf(at(call, 'summary')),
    parameters: listOf(at(call, 'parameters')).map((one) => ({ name: textOf(at(one, 'name')), place: textOf(at(one, 'in')), type: typeText(at(one, 'schema')), required: at(one, 'required') === true })),
    body: body === undefined ? undefined : typeText(schemaOf(body)),
    answers: entriesOf(at(call, 'responses')).map(([status, answer]) => ({ status: status === 'default' ? 'refused' : status, description: textOf(at(answer, 'description')), type: typeText(schemaOf(answer)) })),
  }
}

function schemaOf(holder: unknown): unknown {
  return entriesOf(at(holder, 'content'))
    .map(([, media]) => at(media, 'schema'))
    .at(0)
}

/** Writes a JSON schema as a type people read: `{ id: string, labels?: string[] }`. */
export function typeText(schema: unknown, indent = ''): string {
  const reference = at(schema, '$ref')
  if (typeof reference === 'string') return reference.split('/').at(-1) ?? reference
  const options = [...listOf(at(schema, 'anyOf')), ...listOf(at(schema, 'oneOf'))]
  if (options.length > 0) return [...new Set(options.map((option) => typeText(option, indent)))].join(' | ')
  const parts = listOf(at(schema, 'allOf'))
  if (parts.length > 0) return parts.map((part) => typeText(part, indent)).join(' & ')
  const choices = listOf(at(schema, 'enum'))
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(' | ')
  if (at(schema, 'const') !== undefined) return JSON.stringify(at(schema, 'const'))
  return plainType(schema, indent)
}

function plainType(schema: unknown, indent: string): string {
  const type = at(schema, 'type')
  if (Array.isArray(type)) return type.map((one) => (one === 'null' ? 'null' : plainType({ ...objectOf(schema), type: one }, indent))).join(' | ')
  if (type === 'array') return `${wrapped(typeText(at(schema, 'items'), indent))}[]`
  if (type !== 'object') return typeof type === 'string' ? type : 'any'
  const fields = entriesOf(at(schema, 'properties'))
  const others = at(schema, 'additionalProperties')
  if (fields.length === 0) return others === undefined || others === false ? '{}' : `{ [name]: ${typeText(others, indent)} }`
  const required = listOf(at(schema, 'required'))
  const inner = `${indent}  `
  return `{\n${fields.map(([name, field]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${typeText(field, inner)}`).join('\n')}\n${indent}}`
}

function wrapped(type: string): string {
  return type.includes(' | ') && !type.startsWith('{') ? `(${type})` : type
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function at(value: unknown, key: string): unknown {
  return Reflect.get(objectOf(value), key)
}

function entriesOf(value: unknown): [string, unknown][] {
  return Object.entries(objectOf(value))
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
