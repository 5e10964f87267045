import { answerWords, ControlError, openQuestions, suits, type Answer, type Asked, type QuestionId, type Run } from '@signalbox/core'
import type { Services } from './services.ts'

/** Records what a human decided; whoever asked hears of it. The caller holds the state lock. @throws ControlError `question.not_found`, `question.not_open`, `input.invalid` */
export async function answerRun(services: Services, run: Run, named: QuestionId | undefined, answer: Answer): Promise<void> {
  const asked = named === undefined ? onlyOpen(run) : findOpen(run, named)
  if (!suits(asked, answer)) {
    throw new ControlError('input.invalid', asked.kind === 'permission' ? `${asked.id} asks whether a tool may be used, and takes a yes or a no` : `${asked.id} is a question, and takes an answer in words`, {
      hint: `Answer it: signalbox ${answerWords(run.id, asked)}`,
    })
  }
  await services.log.append(run.id, { type: 'question.answered', data: { question: asked.id, answer, by: await services.readActor() } })
  // The log of an active run is published when it is sealed.
  if (run.state.kind !== 'ended') return
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: answer ${asked.id} of ${run.id}`)
}

function findOpen(run: Run, id: QuestionId): Asked {
  const question = run.questions.find(({ asked }) => asked.id === id)
  if (question === undefined) throw new ControlError('question.not_found', `${run.id} asked no ${id}`, { hint: `See what it asked: signalbox answer ${run.id}` })
  if (question.state === 'answered') throw new ControlError('question.not_open', `${id} of ${run.id} is answered already, by ${question.answer?.by ?? 'somebody'}`, { hint: `See how: signalbox answer ${run.id}` })
  if (question.state === 'withdrawn') throw new ControlError('question.not_open', `${id} of ${run.id} is nobody’s question any more: its agent ended before it was answered`, { hint: `Look at the run: signalbox show ${run.id}` })
  return question.asked
}

function onlyOpen(run: Run): Asked {
  const [first, ...rest] = openQuestions(run.questions)
  if (first === undefined) throw new ControlError('question.not_open', `Nothing that ${run.id} asked is open`, { hint: `Look at the run: signalbox show ${run.id}` })
  if (rest.length > 0) {
    const ids = [first, ...rest].map(({ asked }) => asked.id)
    throw new ControlError('input.invalid', `${run.id} asks ${ids.join(', ')}; say which is meant`, { hint: `Such as: signalbox ${answerWords(run.id, first.asked)}` })
  }
  return first.asked
}
