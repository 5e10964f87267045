import { readFile } from 'node:fs/promises'
import { hasCode, isKnown, type Handoff, type Run } from '@signalbox/core'
import type { Services } from './services.ts'

/** Returns what an agent is told when it starts: its packet, or how to go on where it has worked already. */
export async function readPrompt(services: Services, run: Run, session: string | undefined): Promise<string> {
  const packet = await readFile(services.layout.run(run.id).packet, 'utf8')
  if (run.resumed === undefined) return session === undefined ? packet : goOn
  const { text } = run.resumed
  if (session !== undefined) return text ?? goOn
  const handoff = await findHandoff(services, run)
  const parts = [
    packet,
    handoff === undefined ? [] : `# How this run stood when it ended before\n\n${handoff.what}\n\nBlocker: ${handoff.blocker ?? 'none'}\n\nYour workspace is as you left it.`,
    text === null ? [] : `# What your human says to it\n\n${text}`,
  ]
  return `${parts.flat().join('\n\n')}\n`
}

const goOn = 'Go on with the task where you stopped.\n'

/** The last handoff that we wrote of the run before it was gone on with. */
async function findHandoff({ memory, log }: Services, { id }: Run): Promise<Handoff | undefined> {
  const written = (await log.read(id)).filter(isKnown).findLast((event) => event.type === 'handoff.written')
  if (written === undefined) return undefined
  try {
    return await memory.read('handoff', written.data.handoff)
  } catch (error) {
    // A human may have taken it away, or be in the middle of writing in it.
    if (hasCode(error, 'handoff.not_found') || hasCode(error, 'record.quarantined')) return undefined
    throw error
  }
}
