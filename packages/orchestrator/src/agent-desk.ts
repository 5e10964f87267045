import { agentQuestionSchema, agentReportSchema, ControlError, parseInput, type AgentEvent, type AgentFace, type RunId } from '@signalbox/core'
import { createAgentFace } from './agent-face.ts'
import type { Asker } from './ask-human.ts'
import type { Services } from './services.ts'

/** Who is there for an agent while it works. */
export interface Attendant {
  readonly asker: Asker
  readonly heard: (event: AgentEvent) => void
}

/** Where the agent of one run turns to: what it reports is heard, and what it asks a human is answered, from `open` to `close`. */
export interface Desk {
  readonly face: AgentFace
  open(attendant: Attendant): void
  /** Gives up what is being asked, and waits until the record says so. */
  close(): Promise<void>
}

/** Returns the desk of a run that this process looks after. */
export function createDesk(services: Services, run: RunId): Desk {
  const over = new AbortController()
  const asking = new Set<Promise<unknown>>()
  let attendant: Attendant | undefined
  const attended = (): Attendant => {
    if (attendant === undefined) throw new ControlError('run.not_active', `Nobody attends to the agent of ${run} now`, { hint: 'Put it into the handoff' })
    return attendant
  }
  return {
    face: {
      ...createAgentFace(services, run),
      report: async (report) => attended().heard({ type: 'notice', level: 'info', text: parseInput(agentReportSchema, report).text }),
      ask: async (question, cancel) => {
        const { text, options } = parseInput(agentQuestionSchema, question)
        const asked = attended().asker.ask({ kind: 'question', text, options }, AbortSignal.any([cancel, over.signal]))
        asking.add(asked)
        try {
          const answer = await asked
          return { answer: answer?.kind === 'text' ? answer.text : null }
        } finally {
          asking.delete(asked)
        }
      },
    },
    open: (present) => {
      attendant = present
    },
    close: async () => {
      attendant = undefined
      over.abort()
      await Promise.allSettled(asking)
    },
  }
}
