import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentEvent, ConversationEnd, Launch, PermissionAnswer } from '@signalbox/core'
import { acpPrograms, createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { converseAcp } from './converse.ts'
import type { AcpProfile } from './profile.ts'
import { acpProfiles } from './profiles.ts'

// What the real agents said, played by a program over real pipes: it stops the conversation when it is answered otherwise than it was when it was recorded.

const recordings = join(import.meta.dirname, '../../test/acp-recordings')

afterAll(removeTempDirs)

test.each(
  readdirSync(recordings)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length)),
)('what %s said becomes the events it became before', async (name) => {
  const isDenied = name.endsWith('-denied')
  const cwd = createTempDir('recorded')
  const first = await play(name, 0, cwd, isDenied ? ['refuse', 'allow'] : ['allow', 'allow', 'allow'])
  const rounds = [first, ...(isDenied ? [] : [await play(name, 1, cwd, ['allow'], first.end.session)])]
  const told = rounds.map(({ lines, end }) => [...lines, `end ${JSON.stringify(withoutIds(end))}`, ''].join('\n')).join('\n')
  await expect(told.replaceAll(`${cwd}/`, '').replaceAll(cwd, '.')).toMatchFileSnapshot(join(recordings, `${name}.events`))
})

interface Played {
  readonly lines: readonly string[]
  readonly end: ConversationEnd
}

async function play(name: string, process: number, cwd: string, answers: readonly PermissionAnswer['kind'][], session?: string): Promise<Played> {
  const launch: Launch = { prompt: process === 0 ? 'Create hello.txt and run the command' : 'Now change it', packet: '/packet.md', cwd, home: cwd, keepsOwn: false, env: {}, session, mcp: undefined }
  const child = spawn(globalThis.process.execPath, [acpPrograms.recorded, join(recordings, `${name}.jsonl`), String(process)], { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (piece: Buffer) => (complaint += piece.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const events: AgentEvent[] = []
  const left = [...answers]
  const end = await converseAcp(asRecorded(name), launch)({
    output: child.stdout,
    input: { write: (text) => void child.stdin.write(text), end: () => void child.stdin.end() },
    cancel: new AbortController().signal,
    emit: (event) => events.push(event),
    askPermission: async () => (left.shift() === 'refuse' ? { kind: 'refuse', because: 'Not this one' } : { kind: 'allow', lasting: 'once' }),
  })
  expect({ code: await exited, complaint }).toEqual({ code: 0, complaint: '' })
  return { lines: compact(events), end }
}

/** They were recorded with files offered to those that take them, and going on by loading. */
function asRecorded(name: string): AcpProfile {
  const agent = name.split('-')[0]
  const profile = acpProfiles.find((each) => each.name === agent)
  if (profile === undefined) throw new Error(`no profile for ${name}`)
  return { ...profile, quirks: { ...profile.quirks, offerFs: true, resume: 'load' } }
}

/** One line an event, partial texts in one, ids by their order. */
function compact(events: readonly AgentEvent[]): readonly string[] {
  const ids = new Map<string, string>()
  const lines: string[] = []
  let text = ''
  for (const event of events) {
    if ((event.type === 'message' || event.type === 'thought') && event.partial) text += event.text
    else if (event.type === 'message' || event.type === 'thought') {
      lines.push(`${event.type} ${JSON.stringify(text + event.text)}`)
      text = ''
    } else lines.push(`${event.type} ${JSON.stringify(withoutIds(event))}`)
  }
  return lines.map((line) => line.replaceAll(/\b(call|toolu|write_file__call|run_shell_command__call|read_file__call|replace__call)_\w+/g, (id) => ids.get(id) ?? (ids.set(id, `call-${ids.size + 1}`).get(id) ?? '')))
}

function withoutIds(event: AgentEvent | ConversationEnd): Readonly<Record<string, unknown>> {
  const { type, ...rest }: Readonly<Record<string, unknown>> = { ...event }
  return { ...rest, ...(type === 'session' ? { id: 'SESSION' } : {}), ...('session' in rest ? { session: 'SESSION' } : {}) }
}
