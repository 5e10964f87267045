import { answerWords, ControlError, openQuestions, questionIdSchema, type Answer, type QuestionId, type RunId } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { questionsText } from '../text-question.ts'

interface Flags {
  readonly allow?: true
  readonly always?: true
  readonly refuse?: true
  readonly because?: string
}

/** Defines `answer RUN [QUESTION] [TEXT]`. */
export function define(command: Command): void {
  command
    .description('Answers what the agent of a run asks: whether it may use a tool, or a question in words. Without an answer, lists what it asked.')
    .argument('<run>', 'run id, such as R0001')
    .argument('[question]', 'which question, such as Q1; may be left out when one is open')
    .argument('[text]', 'the answer to a question in words')
    .option('--allow', 'let it use the tool, this once')
    .option('--always', 'let it use the tool, and the like of it for the rest of its session')
    .option('--refuse', 'do not let it use the tool')
    .option('--because <text>', 'why not; the agent is told')
  examples(command, 'signalbox answer R0001', 'signalbox answer R0001 Q1 --allow', "signalbox answer R0001 Q2 --refuse --because 'use the test database'", "signalbox answer R0001 Q3 'Port 8080'")
  command.action(
    act(async (human, id: string, first: string | undefined, second: string | undefined, flags: Flags) => {
      const run = runIdOf(id)
      const question = first === undefined ? undefined : idOf(first)
      const text = question === undefined ? first : second
      if (question === undefined && second !== undefined) throw new ControlError('input.invalid', `${JSON.stringify(first)} is no question; one looks like Q1`, { hint: `See what was asked: signalbox answer ${run}` })
      const answer = answerOf(flags, text)
      if (answer === undefined) {
        const { questions } = await human.readRun(run)
        const shown = question === undefined ? questions : questions.filter(({ asked }) => asked.id === question)
        return { value: { run, questions: shown }, text: (look) => questionsText(shown, look), note: nextOf(run, openQuestions(shown)[0]?.asked) }
      }
      const value = await human.answer(run, { answer, ...(question === undefined ? {} : { question }) })
      const open = openQuestions(value.questions)
      return { value: { run, questions: value.questions }, text: (look) => questionsText(value.questions.filter(({ asked }) => asked.id === question || open.some((one) => one.asked.id === asked.id) || question === undefined), look), note: nextOf(run, open[0]?.asked) ?? `→ signalbox log ${run} -f` }
    }),
  )
}

function idOf(text: string): QuestionId | undefined {
  const parsed = questionIdSchema.safeParse(text.toUpperCase())
  return parsed.success ? parsed.data : undefined
}

function answerOf({ allow, always, refuse, because }: Flags, text: string | undefined): Answer | undefined {
  const given = [allow, always, refuse, text].filter((one) => one !== undefined)
  if (given.length > 1) throw new ControlError('input.invalid', 'That is more than one answer', { hint: 'Give one of --allow, --always, --refuse, or a text' })
  if (because !== undefined && refuse === undefined) throw new ControlError('input.invalid', 'A reason is given with --refuse', { hint: 'An answer in words is a text of its own' })
  if (allow === true) return { kind: 'allow', lasting: 'once' }
  if (always === true) return { kind: 'allow', lasting: 'always' }
  if (refuse === true) return { kind: 'refuse', because: because ?? '' }
  return text === undefined ? undefined : { kind: 'text', text }
}

function nextOf(run: RunId, asked: Parameters<typeof answerWords>[1] | undefined): string | undefined {
  return asked === undefined ? undefined : `→ signalbox ${answerWords(run, asked)}`
}
