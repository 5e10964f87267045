import type { AgentEventOf, ToolKind } from '@signalbox/core'
import { clip, MAX_TEXT } from '../output/clip.ts'
import { asText, type Json } from '../output/json.ts'

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
  const command = kind === 'execute' ? commandIn(input) : undefined
  const path = ['file_path', 'filePath', 'path', 'absolute_path', 'notebook_path', 'dir_path'].map((key) => asText(input[key])).find((found) => found !== undefined)
  const subject = command ?? path ?? asText(input['pattern']) ?? asText(input['query']) ?? asText(input['url'])
  return {
    kind,
    title: clip(command ?? (subject === undefined ? name : `${name} ${subject}`), 200),
    ...(command === undefined ? {} : { command: clip(command, MAX_TEXT) }),
    ...(path === undefined ? {} : { paths: [path] }),
  }
}

/** Says whether a call is a command of which the event has not all. */
export function isCutCommand(kind: ToolKind, input: Json): boolean {
  return kind === 'execute' && (commandIn(input) ?? '').length > MAX_TEXT
}

function commandIn(input: Json): string | undefined {
  return asText(input['command']) ?? asText(input['cmd'])
}

/** Returns the claim that a finished call changed its file, when it is one that does. */
export function claimOf({ kind, paths }: CallWords, said: string | undefined): Pick<AgentEventOf<'tool'>, 'edits'> {
  if (kind !== 'edit' || paths === undefined) return {}
  const change = /\bcreated\b|\bnew file\b/i.test(said ?? '') ? 'add' : 'modify'
  return { edits: paths.map((path) => ({ path, change })) }
}

/** Returns the field `output` of a tool, when there is any. */
export function outputOf(text: string | undefined): { readonly output?: string } {
  return text === undefined ? {} : { output: clip(text) }
}
