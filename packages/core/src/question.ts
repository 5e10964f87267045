import * as z from 'zod'
import { toolKinds } from './agent-event.ts'

/** `Q1`, `Q2`, …: counted per run. */
export const questionIdSchema = z.string().regex(/^Q[1-9][0-9]{0,5}$/, 'a question of a run is Q1, Q2, …')
export type QuestionId = z.infer<typeof questionIdSchema>

/** The tool call that an agent asks permission for, as it describes it. */
export const askedToolSchema = z.object({
  kind: z.enum(toolKinds),
  command: z.string().nullable(),
  /** As the agent names them: absolute, or from its folder. */
  paths: z.array(z.string()),
})

/** Something a human has to decide: whether a tool may be used, or a question in words. The text is the agent's. */
export const askedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('permission'), id: questionIdSchema, text: z.string(), tool: askedToolSchema }),
  /** `options`: answers that the agent proposes; any other text is one too. */
  z.object({ kind: z.literal('question'), id: questionIdSchema, text: z.string(), options: z.array(z.string()) }),
])
export type Asked = z.infer<typeof askedSchema>

/** What was decided. `always`: the agent need not ask for the like again in its session. */
export const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('allow'), lasting: z.enum(['once', 'always']) }),
  z.object({ kind: z.literal('refuse'), because: z.string() }),
  z.object({ kind: z.literal('text'), text: z.string().min(1) }),
])
export type Answer = z.infer<typeof answerSchema>

/** A question of a run and what became of it. `withdrawn`: nobody is there any more to whom an answer would matter. */
export const questionSchema = z.object({
  asked: askedSchema,
  at: z.string(),
  state: z.enum(['open', 'answered', 'withdrawn']),
  answer: z.object({ value: answerSchema, by: z.string(), at: z.string() }).nullable(),
})
export type Question = z.infer<typeof questionSchema>

/** Returns the questions that wait for a human. */
export function openQuestions<Q extends Pick<Question, 'state'>>(questions: readonly Q[]): readonly Q[] {
  return questions.filter(({ state }) => state === 'open')
}

/** Returns the id of the next question of a run. */
export function nextQuestionId(questions: readonly Question[]): QuestionId {
  return `Q${questions.length + 1}`
}

/** Whether an answer is of the kind that was asked for. */
export function suits({ kind }: Pick<Asked, 'kind'>, answer: Pick<Answer, 'kind'>): boolean {
  return (kind === 'question') === (answer.kind === 'text')
}

/** What a human answers; without an id, the one question that is open. */
export const answerRequestSchema = z.object({ question: questionIdSchema.optional(), answer: answerSchema })
export type AnswerRequest = z.input<typeof answerRequestSchema>
