import type { AgentEventOf, ToolKind } from '@signalbox/core'
import { asText, type Json } from './json.ts'

/** What is known of a tool call from its name and what it is given. */
export type CallWords = Pick<AgentEventOf<'tool'>, 'title' | 'command' | 'paths'> & { readonly kind: ToolKind; readonly title: string }

/** Names agents give their tools, in lower case and without `_` and `-`. */
const kinds: ReadonlyMap<string, ToolKind> = new Map([
  ...kindOf('read', 'read readfile readmanyfiles view viewfile notebookread ls list listdirectory'),
  ...kindOf('edit', 'write writefile edit editfile multiedit notebookedit create createfile replace strreplace strreplaceeditor applypatch patch'),
  ...kindOf('execute', 'bash shell runshellcommand shellcommand execcommand localshell execute powershell'),
  ...kindOf('search', 'grep grepsearch searchfilecontent glob find websearch googlewebsearch codesearch'),
  ...kindOf('fetch', 'webfetch fetch'),
  ...kindOf('think', 'think todowrite writetodos updateplan'),
])

function kindOf(kind: ToolKind, names: string): readonly (readonly [string, ToolKind])[] {
  return names.split(' ').map((name) => [name, kind])
}

/** Returns what a call is, in words. */
export function describeCall(name: string, input: Json): CallWords {
  const kind = kinds.get(name.toLowerCase().replaceAll(/[_-]/g, '')) ?? 'other'
  const command = kind === 'execute' ? (asText(input['command']) ?? asText(input['cmd'])) : undefined
  const path = ['file_path', 'filePath', 'path', 'absolute_path', 'notebook_path', 'dir_path'].map((key) => asText(input[key])).find((found) => found !== undefined)
  const subject = command ?? path ?? asText(input['pattern']) ?? asText(input['query']) ?? asText(input['url'])
  return {
    kind,
    title: clip(command ?? (subject === undefined ? name : `${name} ${subject}`), 200),
    ...(command === undefined ? {} : { command: clip(command, MAX_TEXT) }),
    ...(path === undefined ? {} : { paths: [path] }),
  }
}

/** Returns the claim that a finished call changed its file, when it is one that does. */
export function claimOf({ kind, paths }: CallWords, said: string | undefined): Pick<AgentEventOf<'tool'>, 'edits'> {
  if (kind !== 'edit' || paths === undefined) return {}
  const change = /\bcreated\b|\bnew file\b/i.test(said ?? '') ? 'add' : 'modify'
  return { edits: paths.map((path) => ({ path, change })) }
}

/** Returns the name of the tool server a tool is of: many name such a tool `mcp__SERVER__TOOL`. No tool of ours has `__` in it, so a server `ours__other` is not taken for ours. */
export function serverOf(name: string): string | null {
  return /^mcp__(.+)__/.exec(name)?.[1] ?? null
}

/** Characters of output, and of lines that are not known, that an event carries. The transcript has all of it. */
export const MAX_TEXT = 64 * 1024

/** Returns the text, cut where it is longer. */
export function clip(text: string, length: number = MAX_TEXT): string {
  if (text.length <= length) return text
  return `${text.slice(0, length)}… (${text.length - length} more characters)`
}

/** Returns the field `output` of a tool, when there is any. */
export function outputOf(text: string | undefined): { readonly output?: string } {
  return text === undefined ? {} : { output: clip(text) }
}
