import { readFile } from 'node:fs/promises'
import { hasCode, isKnown, type Handoff, type LoggedEvent, type Run } from '@signalbox/core'
import type { Services } from './services.ts'

/** Returns what an agent is told when it starts: its packet, or how to go on where it has worked already. */
export async function readPrompt(services: Pick<Services, 'layout' | 'log' | 'memory'>, run: Run, session: string | undefined): Promise<string> {
  const packet = await readFile(services.layout.run(run.id).packet, 'utf8')
  if (run.resumed === undefined) return session === undefined ? packet : goOn
  const { text } = run.resumed
  const answers = sayAnswers(run, await services.log.read(run.id))
  if (session !== undefined) return answers.length === 0 ? (text ?? goOn) : `${[text ?? goOn.trimEnd(), ...answers].join('\n\n')}\n`
  const handoff = await findHandoff(services, run)
  const parts = [
    packet,
    handoff === undefined ? [] : `# How this run stood when it ended before\n\n${handoff.what}\n\nBlocker: ${handoff.blocker ?? 'none'}\n\nYour workspace is as you left it.`,
    answers,
    text === null ? [] : `# What your human says to it\n\n${text}`,
  ]
  return `${parts.flat().join('\n\n')}\n`
}

const goOn = 'Go on with the task where you stopped.\n'

/** What its human answered since its agent was there last to hear of it. */
function sayAnswers({ questions }: Run, logged: readonly LoggedEvent[]): readonly string[] {
  const unheard = findUnheard(logged)
  const said = questions.flatMap(({ asked, answer }) => (unheard.has(asked.id) && answer?.value.kind === 'text' ? `The question was: ${asked.text}\n\nThe answer is: ${answer.value.text}` : []))
  return said.length === 0 ? [] : [`# What your human answered meanwhile\n\n${said.join('\n\n')}`]
}

function findUnheard(logged: readonly LoggedEvent[]): ReadonlySet<string> {
  const unheard = new Set<string>()
  let isThere = false
  for (const event of logged.filter(isKnown)) {
    if (event.type === 'run.started') isThere = true
    if (event.type === 'agent.exited' || event.type === 'sealing.started') {
      // What was answered before, it was told when it was started.
      if (isThere) unheard.clear()
      isThere = false
    }
    if (event.type === 'question.answered' && !isThere) unheard.add(event.data.question)
  }
  return unheard
}

/** The last handoff that we wrote of the run before it was gone on with. */
async function findHandoff({ memory, log }: Pick<Services, 'log' | 'memory'>, { id }: Run): Promise<Handoff | undefined> {
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
