import { setTimeout as delay } from 'node:timers/promises'
import { ControlError, nextQuestionId, openQuestions, questionLimit, unansweredLimit, type Answer, type Asked, type NewRunEvent, type QuestionId, type Run, type RunId } from '@signalbox/core'
import { sizeOf } from './file-size.ts'
import { createRedactor } from './redact.ts'
import type { Services } from './services.ts'
import type { TimeLimit } from './time-limit.ts'

/** Milliseconds between looks at the log of a run that waits for a human. */
const lookMs = 200

/** Characters of a question that are kept; a human decides nothing on more. */
const textLimit = 8_192

/** Something to be asked; it gets its id when it is. */
export type Question = { [K in Asked['kind']]: Omit<Extract<Asked, { kind: K }>, 'id'> }[Asked['kind']]

/** Asks a human on behalf of one run, for as long as it takes. */
export interface Asker {
  /**
   * Returns the answer; undefined once `cancel` fired: the question of an agent then stays open, for it may be answered later, and the same
   * question in words asked again goes on waiting for it. Undefined, too, once `takenBack` fired: it is then nobody's question any more. A permission
   * is refused at once where many had no answer. @throws ControlError `access.denied` beyond the number of questions a run may ask
   */
  ask(question: Question, cancel: AbortSignal, takenBack?: AbortSignal): Promise<Answer | undefined>
  /** Waits until everything that was asked is answered or given up. */
  settled(): Promise<void>
}

/** Returns who asks for the run that this process supervises. While somebody waits, its limit of time stands still. */
export function createAsker(services: Pick<Services, 'log' | 'layout' | 'env'>, id: RunId, limit: Pick<TimeLimit, 'pause' | 'resume'>): Asker {
  const { log } = services
  const redact = createRedactor(services.env)
  let last: Promise<unknown> = Promise.resolve()
  /** Runs one after the other: an id is given once. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  const waiting = new Set<QuestionId>()
  /** Questions whose asker went away before it heard the answer. */
  const left = new Set<QuestionId>()

  /** Returns the question that is asked again after its asker had gone away. */
  function findAgain({ questions }: Run, question: Question): Asked | undefined {
    return questions.find(({ asked, state }) => isSame(asked, question) && !waiting.has(asked.id) && (state === 'open' || left.has(asked.id)))?.asked
  }

  /** Returns the id of what is asked now; undefined where a permission is not asked for any more. */
  async function record(unsafe: Question): Promise<QuestionId | undefined> {
    const question = redacted(unsafe, (text) => cut(redact(text)))
    const before = await log.fold(id)
    if (question.kind === 'permission' && before.questions.filter(hadNoAnswer).length >= unansweredLimit) return undefined
    const again = findAgain(before, question)
    if (again === undefined && before.questions.filter(({ asked }) => asked.kind === 'question').length >= questionLimit && question.kind === 'question') {
      throw new ControlError('access.denied', `${id} asked ${questionLimit} questions, and may not ask more`, { hint: 'Decide by yourself, and say so in the handoff' })
    }
    const asked: Asked = again ?? { ...question, id: nextQuestionId(before.questions) }
    const isOpen = again === undefined || openQuestions(before.questions).some((open) => open.asked.id === asked.id)
    // At once: nobody sees a run that has asked and does not wait.
    const events: readonly NewRunEvent[] = [
      ...(again === undefined ? [{ type: 'question.asked', data: { asked } } as const] : []),
      ...(isOpen && before.state.kind === 'running' ? [{ type: 'run.waited', data: { for: asked.kind, because: `${asked.id}: ${firstLine(subjectOf(asked))}` } } as const] : []),
    ]
    if (events.length > 0) await log.append(id, ...events)
    waiting.add(asked.id)
    left.delete(asked.id)
    return asked.id
  }

  /** Nobody is waited for any more, answered or not. */
  async function goOn(): Promise<void> {
    const run = await log.fold(id)
    const isWaited = openQuestions(run.questions).some(({ asked }) => waiting.has(asked.id))
    if (run.state.kind === 'waiting' && run.state.for !== 'quota' && !isWaited) await log.append(id, { type: 'run.continued', data: {} })
  }

  const open = new Set<Promise<unknown>>()

  /** Notes that a question was taken back: nobody waits for an answer, and the run may go on. */
  async function close(question: QuestionId, kind: Question['kind']): Promise<void> {
    const answer: Answer = kind === 'permission' ? { kind: 'refuse', because: takenBackWords } : { kind: 'text', text: takenBackWords }
    try {
      await log.append(id, { type: 'question.answered', data: { question, answer, by: 'signalbox' } })
    } catch (error) {
      // A human was faster.
      if (openQuestions((await log.fold(id)).questions).some(({ asked }) => asked.id === question)) throw error
    }
  }

  async function ask(question: Question, cancel: AbortSignal, takenBack: AbortSignal = never): Promise<Answer | undefined> {
    limit.pause()
    let asked: QuestionId | undefined
    try {
      asked = await inTurn(() => record(question))
      if (asked === undefined) return { kind: 'refuse', because: `${unansweredLimit} permissions that it asked for had no answer, and no more are asked for` }
      const answer = await waitForAnswer(services, id, asked, AbortSignal.any([cancel, takenBack]))
      if (answer !== undefined) return answer
      if (takenBack.aborted && !cancel.aborted) await close(asked, question.kind)
      else left.add(asked)
      return undefined
    } finally {
      if (asked !== undefined) waiting.delete(asked)
      await inTurn(goOn)
      limit.resume()
    }
  }

  return {
    ask: async (question, cancel, takenBack) => {
      const asked = ask(question, cancel, takenBack)
      open.add(asked)
      try {
        return await asked
      } finally {
        open.delete(asked)
      }
    },
    settled: async () => void (await Promise.allSettled(open)),
  }
}

/** Of who asks as long as there is an agent. */
const never = new AbortController().signal

const takenBackWords = 'nobody waits for the answer any more'

/** Tells whether a permission was asked for in vain: nobody answered, or not in time. */
function hadNoAnswer({ asked, answer }: Run['questions'][number]): boolean {
  return asked.kind === 'permission' && (answer === null || (answer.value.kind === 'refuse' && answer.value.because === takenBackWords && answer.by === 'signalbox'))
}

async function waitForAnswer({ log, layout }: Pick<Services, 'log' | 'layout'>, id: RunId, question: QuestionId, cancel: AbortSignal): Promise<Answer | undefined> {
  let seen = -1
  while (!cancel.aborted) {
    const size = await sizeOf(layout.run(id).events)
    if (size !== seen) {
      seen = size
      const found = (await log.fold(id)).questions.find(({ asked }) => asked.id === question)
      if (found?.answer !== null && found !== undefined) return found.answer.value
    }
    await delay(lookMs, undefined, { signal: cancel }).catch((error: unknown) => {
      if (!cancel.aborted) throw error
    })
  }
  return undefined
}

/** What is cut off must be seen to be: it is what a human says yes to. */
function cut(text: string): string {
  return text.length <= textLimit ? text : `${text.slice(0, textLimit)}… (${text.length - textLimit} more characters)`
}

/** A title may say anything; a command is what is run. */
function subjectOf(asked: Asked): string {
  return asked.kind === 'permission' ? (asked.tool.command ?? asked.text) : asked.text
}

function firstLine(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n')
  return rest.length === 0 ? first : `${first} …`
}

function redacted(question: Question, redact: (text: string) => string): Question {
  if (question.kind === 'question') return { ...question, text: redact(question.text), options: question.options.map(redact) }
  const { kind, command, paths } = question.tool
  return { ...question, text: redact(question.text), tool: { kind, command: command === null ? null : redact(command), paths: paths.map(redact) } }
}

function isSame(asked: Asked, question: Question): boolean {
  if (asked.kind !== 'question' || question.kind !== 'question' || asked.text !== question.text) return false
  return asked.options.length === question.options.length && asked.options.every((option, at) => option === question.options[at])
}
