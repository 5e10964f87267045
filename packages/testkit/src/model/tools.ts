import { randomUUID } from 'node:crypto'
import { dirname, isAbsolute, join } from 'node:path'
import { asList, asObject, asText, type Json } from './json.ts'
import type { ModelRequest, OfferedTool } from './request.ts'
import type { Pause, Step } from './scenario.ts'

/** One part of an answer, ready to be written in any wire format. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thought'; readonly text: string }
  | ToolCall
  | { readonly type: 'pause'; readonly pause: Pause }

export interface ToolCall {
  readonly type: 'call'
  readonly id: string
  readonly name: string
  readonly namespace?: string
  readonly kind: string
  readonly args: Json
  /** What a tool of free text is given in place of arguments. */
  readonly input?: string
  /** A search for the tool that is meant: once it is answered, the same turn is served again. */
  readonly searches?: boolean
}

/** Names that agents give the tools we need, the best first. */
const names = {
  write: ['write_file', 'write', 'writefile', 'create_file', 'create', 'file_write', 'write_to_file'],
  edit: ['edit', 'replace', 'edit_file', 'str_replace', 'search_replace'],
  read: ['read_file', 'read', 'readfile', 'view', 'view_file'],
  shell: ['bash', 'shell', 'run_shell_command', 'shell_command', 'exec_command', 'local_shell', 'execute_command', 'run_command', 'execute'],
  plan: ['todowrite', 'todo_write', 'update_plan', 'write_todos', 'taskcreate'],
  patch: ['apply_patch'],
} as const

const pathKeys = ['file_path', 'filePath', 'path', 'absolute_path', 'target_file']

/** Returns what a step becomes with the tools this request offers; `undefined` when none suits. `searched`: the search was made. */
export function partOf(step: Exclude<Step, { readonly error: unknown }>, request: ModelRequest, searched: boolean): Part | undefined {
  if ('say' in step) return { type: 'text', text: step.say }
  if ('think' in step) return { type: 'thought', text: step.think }
  if ('writeFile' in step) return writeCall(request, step.writeFile)
  if ('editFile' in step) return editCall(request, step.editFile)
  if ('readFile' in step) return readCall(request, step.readFile)
  if ('shell' in step) return shellCall(request, step.shell, step.timeoutMs)
  if ('plan' in step) return planCall(request, step.plan)
  if ('mcp' in step) return serverCall(request, step.mcp, searched)
  if ('tool' in step) {
    const { name } = step.tool
    return callOf(request.tools.find((tool) => tool.name === name) ?? { name, kind: 'function', schema: {} }, step.tool.arguments ?? {})
  }
  return { type: 'pause', pause: step }
}

function writeCall(request: ModelRequest, { path, content }: { readonly path: string; readonly content: string }): ToolCall | undefined {
  const tool = find(request, 'write')
  if (tool !== undefined) {
    const args = { [key(tool, pathKeys)]: absolute(request, path), [key(tool, ['content', 'contents', 'file_text', 'text'])]: content }
    return callOf(tool, 'command' in properties(tool) ? { ...args, command: 'create' } : args)
  }
  const added = content.replace(/\n$/, '').split('\n').map((line) => `+${line}`)
  return (
    patchCall(request, [`*** Add File: ${path}`, ...added]) ??
    shellCall(request, `mkdir -p ${quote(dirname(path))} && printf '%s' ${quote(content)} > ${quote(path)}`)
  )
}

function editCall(request: ModelRequest, edit: { readonly path: string; readonly old: string; readonly new: string }): ToolCall | undefined {
  const tool = find(request, 'edit')
  if (tool === undefined) {
    const lines = (sign: string, text: string): readonly string[] => text.split('\n').map((line) => sign + line)
    return patchCall(request, [`*** Update File: ${edit.path}`, '@@', ...lines('-', edit.old), ...lines('+', edit.new)])
  }
  const path = { [key(tool, pathKeys)]: absolute(request, edit.path) }
  const many = asObject(properties(tool)['edits'])
  const known = many['items'] === undefined ? properties(tool) : asObject(asObject(many['items'])['properties'])
  const one = { [keyIn(known, ['old_string', 'oldString', 'old_str', 'oldText'])]: edit.old, [keyIn(known, ['new_string', 'newString', 'new_str', 'newText'])]: edit.new }
  return callOf(tool, many['items'] === undefined ? { ...path, ...one } : { ...path, edits: [one] })
}

function patchCall(request: ModelRequest, lines: readonly string[]): ToolCall | undefined {
  const tool = find(request, 'patch')
  if (tool === undefined) return undefined
  const patch = `*** Begin Patch\n${lines.join('\n')}\n*** End Patch\n`
  return tool.kind === 'custom' ? { ...callOf(tool, {}), input: patch } : callOf(tool, { [key(tool, ['input', 'patch', 'patchText'])]: patch })
}

function readCall(request: ModelRequest, path: string): ToolCall | undefined {
  const tool = find(request, 'read')
  return tool === undefined ? shellCall(request, `cat ${quote(path)}`) : callOf(tool, { [key(tool, pathKeys)]: absolute(request, path) })
}

function shellCall(request: ModelRequest, command: string, timeoutMs?: number): ToolCall | undefined {
  const tool = find(request, 'shell')
  if (tool === undefined) return undefined
  if (tool.kind === 'local_shell') return callOf(tool, { type: 'exec', command: ['bash', '-lc', command], env: {} })
  const known = properties(tool)
  const name = key(tool, ['command', 'cmd', 'script'])
  const limit = ['timeout', 'timeout_ms', 'yield_time_ms'].find((each) => each in known)
  return callOf(tool, {
    [name]: asObject(known[name])['type'] === 'array' ? ['bash', '-lc', command] : command,
    ...(timeoutMs === undefined || limit === undefined ? {} : { [limit]: timeoutMs }),
    ...('description' in known ? { description: `Run: ${command.slice(0, 60)}` } : {}),
  })
}

function planCall(request: ModelRequest, plan: Extract<Step, { readonly plan: unknown }>['plan']): Part {
  const tool = find(request, 'plan')
  if (tool === undefined) return { type: 'text', text: `Plan: ${plan.map((entry) => entry.text).join('; ')}` }
  const list = ['todos', 'plan', 'items'].find((each) => each in properties(tool))
  if (list === undefined) return callOf(tool, { subject: plan[0]?.text ?? '', description: plan.map((entry) => entry.text).join('; ') })
  const known = Object.keys(asObject(asObject(asObject(properties(tool)[list])['items'])['properties']))
  return callOf(tool, { [list]: plan.map(({ text, status }, index) => Object.fromEntries(known.flatMap((name) => entryField(name, text, status, index)))) })
}

function entryField(name: string, text: string, status: string, index: number): readonly [string, string][] {
  if (['content', 'step', 'description', 'text', 'activeForm'].includes(name)) return [[name, text]]
  if (name === 'status') return [[name, status]]
  if (name === 'priority') return [[name, 'medium']]
  return name === 'id' ? [[name, String(index + 1)]] : []
}

function serverCall(request: ModelRequest, { server, tool, arguments: args = {} }: Extract<Step, { readonly mcp: unknown }>['mcp'], searched: boolean): ToolCall | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const fits = (name: string): boolean => [server + tool, `${server}mcp${tool}`].some((end) => plain(name).endsWith(plain(end)))
  const offer = request.tools.find((each) => fits((each.namespace ?? '') + each.name))
  if (offer !== undefined) return { ...callOf(offer, {}), args }
  const search = request.tools.find((each) => ['toolsearch', 'tool_search'].includes(each.name.toLowerCase()))
  if (search === undefined) return undefined
  const full = new RegExp(`[\\w-]*${server}[\\w-]*?${tool}`).exec(request.raw.replaceAll('\\n', '\n'))?.[0] ?? `mcp__${server}__${tool}`
  if (!searched) return { ...callOf(search, { query: search.kind === 'tool_search' ? `${server} ${tool}` : `select:${full}` }), searches: true }
  const through = request.tools.find((each) => each.name.toLowerCase() === 'tool_call')
  return through === undefined ? { ...callOf({ name: full, kind: 'function', schema: {} }, {}), args } : callOf(through, { name: full, arguments: args })
}

function find(request: ModelRequest, group: keyof typeof names): OfferedTool | undefined {
  for (const name of names[group]) {
    const tool = request.tools.find((each) => each.name.toLowerCase().replace(/^mcp__acp__/, '') === name)
    if (tool !== undefined) return tool
  }
  return undefined
}

function callOf(tool: OfferedTool, args: Json): ToolCall {
  const { name, kind } = tool
  const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`
  return { type: 'call', id, name, kind, args: filled(tool, args), ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }) }
}

/** Gives each required argument that the step does not name some harmless value. */
function filled(tool: OfferedTool, args: Json): Json {
  const required = (Array.isArray(tool.schema['required']) ? tool.schema['required'] : []).map(asText)
  const missing = required.filter((name) => name !== '' && !(name in args))
  return { ...args, ...Object.fromEntries(missing.map((name) => [name, sampleOf(properties(tool)[name])])) }
}

/** Returns a value of the shape a JSON schema asks for. */
export function sampleOf(value: unknown): unknown {
  const schema = asObject(value)
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if (schema['const'] !== undefined) return schema['const']
  if (schema['default'] !== undefined) return schema['default']
  const choice = asList(schema['anyOf'] ?? schema['oneOf'])[0]
  if (choice !== undefined) return sampleOf(choice)
  const type = asText(Array.isArray(schema['type']) ? schema['type'][0] : schema['type']).toLowerCase()
  if (type === 'object' || schema['properties'] !== undefined) return Object.fromEntries(Object.entries(asObject(schema['properties'])).map(([name, inner]) => [name, sampleOf(inner)]))
  if (type === 'array') return []
  if (type === 'boolean') return false
  return type === 'number' || type === 'integer' ? 1 : 'scripted'
}

function properties(tool: OfferedTool): Json {
  return asObject(tool.schema['properties'])
}

function key(tool: OfferedTool, candidates: readonly string[]): string {
  return keyIn(properties(tool), candidates)
}

function keyIn(known: Json, candidates: readonly string[]): string {
  return candidates.find((name) => name in known) ?? candidates[0] ?? ''
}

/** Agents name their folder somewhere in the request, each in its own words; some tools insist on absolute paths. */
const folderIn = [
  /<cwd>(?:\\n)?(\/[^<\\"]+)/,
  /<root>(\/[^<\\"]+)/,
  /working (?:in the )?directory(?: is)?:?\s*`?(\/[^\s`"\\<]+)/i,
  /in the directory:?\s*`?(\/[^\s`"\\<]+)/i,
  /current directory:?\s*`?(\/[^\s`"\\<]+)/i,
  /workspace (?:directories|directory|folders?):?\**(?:\\n)?[-\s]*(\/[^\s`"\\<]+)/i,
]

function absolute(request: ModelRequest, path: string): string {
  const folder = folderIn.map((pattern) => pattern.exec(request.raw)?.[1]).find((found) => found !== undefined)
  return isAbsolute(path) || folder === undefined ? path : join(folder.replace(/[.,;]+$/, ''), path)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
