import { sayAnswer, type Question } from '@signalbox/core'
import type { Look } from './look.ts'
import { ago, blocks, indent } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns what an agent asked, and what became of it. */
export function questionsText(questions: readonly Question[], look: Look): string {
  if (questions.length === 0) return 'Nothing was asked.'
  return blocks(...questions.map((question) => questionText(question, look)))
}

function questionText({ asked, at, state, answer }: Question, { ink, now }: Look): string {
  const stand = answer === null ? (state === 'open' ? ink.yellow('open') : ink.dim('withdrawn')) : `${ink.green('answered')} by ${visible(answer.by)}: ${visible(sayAnswer(answer.value))}`
  const head = `${ink.bold(asked.id)}  ${asked.kind === 'permission' ? `may it ${asked.tool.kind}` : 'question'}  ${ink.dim(ago(at, now))}  ${stand}`
  const rest = asked.kind === 'permission' ? [asked.tool.command ?? [], asked.tool.paths].flat().filter((line) => line !== asked.text) : asked.options.map((option) => `- ${option}`)
  return `${head}\n${indent([visibleLines(asked.text), ...rest.map(visibleLines)].join('\n'))}`
}
