import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { AgentEvent } from '@signalbox/core'
import { converseLines } from '../../packages/agents/src/headless/converse.ts'
import { createCodexParser } from '../../packages/agents/src/headless/parse-codex.ts'
import { createAgentLines } from '../../packages/orchestrator/src/agent-lines.ts'
import { createConversation, type TalkCare } from '../../packages/orchestrator/src/agent-talk.ts'
import { startTalk } from '../../packages/orchestrator/src/converse.ts'
import { openRawOutput } from '../../packages/orchestrator/src/raw-output.ts'
import { openTranscript, type Transcript } from '../../packages/orchestrator/src/transcript.ts'
import type { Intake, Reading } from './messages.ts'

/** The process that is measured: it reads all that so many programs write, in one way, and says what that cost it. */
const [wordOfWay = '', count = '', file = '', folder = ''] = process.argv.slice(2)

/** What an agent is usually started with: two keys that no word of may be kept. */
const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GITHUB_TOKEN: `ghp_${'A1b2'.repeat(9)}`, OPENAI_API_KEY: `sk-${'c3D4'.repeat(10)}` }

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const ways: Readonly<Record<Intake, (child: Child, name: string) => Promise<unknown>>> = {
  drop: (child) => {
    child.stdout.resume()
    return once(child, 'close')
  },

  keep: async (child, name) => {
    const raw = openRawOutput(join(folder, name), env)
    child.stdout.on('data', (chunk: Buffer) => raw.write(chunk))
    await once(child, 'close')
    raw.close()
  },

  print: async (child, name) => {
    const transcript = openTranscriptOf(name)
    const sink = transcript.sink('stdout')
    child.stdout.on('data', (chunk: Buffer) => sink.write(chunk))
    await once(child, 'close')
    sink.end()
    transcript.close()
  },

  talk: async (child, name) => {
    const transcript = openTranscriptOf(name)
    const raw = openRawOutput(join(folder, name), env)
    const lines = createAgentLines(transcript)
    const care = careOf((chunk) => raw.write(chunk), (event) => lines.write(event))
    const converse = converseLines({ createParser: () => createCodexParser({ resumed: false }), opening: '', answers: false })
    const { stop, because } = await startTalk(child, (pipes) => converse(createConversation(pipes, care)), () => undefined).end
    if (stop !== 'done') throw new Error(`the conversation ended: ${because}`)
    lines.end()
    raw.close()
    transcript.close()
  },
}

function openTranscriptOf(name: string): Transcript {
  return openTranscript(join(folder, `${name}.jsonl`), env, { now: () => new Date().toISOString() })
}

/** Such a program asks nothing. */
function careOf(keep: TalkCare['keep'], heard: (event: AgentEvent) => void): TalkCare {
  const asker = { ask: () => Promise.reject(new Error('nothing is asked')), settled: () => Promise.resolve() }
  return { policy: { rules: [], otherwise: 'deny' }, asker, workspace: folder, cwd: folder, confined: false, ownServer: undefined, heard, keep }
}

/** What is kept has to be what was written, to the byte. */
function requireSame(name: string): void {
  if (!readFileSync(join(folder, name)).equals(readFileSync(file))) throw new Error(`${name} is not what was written`)
}

const way = wordOfWay as Intake
const names = Array.from({ length: Number(count) }, (_, index) => `agent-${index}`)
const before = process.cpuUsage()
await Promise.all(names.map((name) => ways[way](spawn('cat', [file], { stdio: ['pipe', 'pipe', 'pipe'] }), name)))
const { user, system } = process.cpuUsage(before)
const peakMb = process.resourceUsage().maxRSS / 1_024
if (way === 'keep' || way === 'talk') names.forEach(requireSame)
process.send?.({ cpuMs: (user + system) / 1_000, peakMb } satisfies Reading)
