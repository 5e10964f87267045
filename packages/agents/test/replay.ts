import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentEvent, ConversationEnd } from '@signalbox/core'
import { converseLines } from '../src/headless/converse.ts'
import { createClaudeParser } from '../src/headless/parse-claude.ts'
import { createCodexParser } from '../src/headless/parse-codex.ts'
import { createCopilotParser } from '../src/headless/parse-copilot.ts'
import { createGeminiParser } from '../src/headless/parse-gemini.ts'
import { createOpencodeParser } from '../src/headless/parse-opencode.ts'
import { createPiParser } from '../src/headless/parse-pi.ts'
import type { LineParser } from '../src/headless/parser.ts'

/** A parser of each agent, for a session that is new. */
export const parsers: Readonly<Record<string, () => LineParser>> = {
  claude: () => createClaudeParser({ resumed: false, tokensOf: 'turn' }),
  codex: () => createCodexParser({ resumed: false }),
  opencode: () => createOpencodeParser({ resumed: false }),
  gemini: () => createGeminiParser({ resumed: false }),
  qwen: () => createClaudeParser({ resumed: false, tokensOf: 'session' }),
  copilot: () => createCopilotParser({ resumed: false, given: 'given' }),
  pi: () => createPiParser({ resumed: false }),
}

/** What real agents wrote: `AGENT-WHAT.jsonl`, with long texts and lists cut and paths replaced. */
const folder = join(import.meta.dirname, 'recordings')

/** Names of the recordings, such as `claude-work`. */
export const recordings: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.replace('.jsonl', ''))
  .toSorted()

/** Returns what was recorded, as bytes. */
export function readRecording(name: string): Buffer {
  return readFileSync(join(folder, `${name}.jsonl`))
}

/** Returns the parser for a recording. */
export function parserOf(name: string): LineParser {
  const create = parsers[name.split('-')[0] ?? '']
  if (create === undefined) throw new Error(`no parser for ${name}`)
  return create()
}

/** Holds a conversation with output that is there already; questions are refused. */
export async function replay(parser: LineParser, pieces: Iterable<Uint8Array>): Promise<{ readonly events: readonly AgentEvent[]; readonly end: ConversationEnd; readonly written: readonly string[] }> {
  const events: AgentEvent[] = []
  const written: string[] = []
  async function* output(): AsyncGenerator<Uint8Array> {
    yield* pieces
  }
  const end = await converseLines({ createParser: () => parser, opening: 'Do it\n', answers: true })({
    output: output(),
    input: { write: (text) => void written.push(text), end: () => {} },
    cancel: new AbortController().signal,
    emit: (event) => void events.push(event),
    askPermission: async () => ({ kind: 'refuse', because: 'not this time' }),
  })
  return { events, end, written }
}
