import { readFile } from 'node:fs/promises'
import { setImmediate as nextLoop } from 'node:timers/promises'
import type { AgentEvent, Conversation, ConversationEnd, Launch } from '@signalbox/core'
import { conclude, type TurnEnd } from '../output/verdict.ts'
import { cancelInOrder } from './cancelling.ts'
import { createFiles } from './files.ts'
import { createListener } from './listener.ts'
import { connectPeer } from './peer.ts'
import type { AcpProfile } from './profile.ts'
import { createQuestions } from './questions.ts'
import { openSession } from './session.ts'
import { createTranslator } from './translate.ts'
import { endOfAnswer, endOfFailure } from './turn-end.ts'
import { readTurnUsage } from './usage.ts'

/** Returns how one turn is held with an agent that speaks the Agent Client Protocol, version 1. */
export function converseAcp({ quirks, login }: Pick<AcpProfile, 'quirks' | 'login'>, launch: Launch): (talk: Conversation) => Promise<ConversationEnd> {
  return async (talk) => {
    let session: string | undefined
    let prompted: string | undefined
    let fail: (error: unknown) => void = () => {}
    const failed = new Promise<never>((_, reject) => (fail = reject))
    const translator = createTranslator(quirks, (event) => talk.emit(event))
    const tell = (event: AgentEvent | undefined): void => {
      if (event === undefined) return
      translator.closeText()
      talk.emit(event)
    }
    const questions = createQuestions({ talk, mcp: launch.mcp, quirks, tools: translator.tools, tell, fail })
    const files = quirks.offerFs ? createFiles(launch.cwd) : undefined
    const peer = connectPeer(talk.output, talk.input, createListener({ prompted: () => prompted, questions, translator, files, tell }))

    async function hold(): Promise<TurnEnd> {
      const { id, how, model, mode, isForgotten } = await openSession({ peer, launch, quirks, loginHint: login, tell })
      session = id
      tell({ type: 'session', id, how, model, mode })
      const texts = isForgotten ? [await readFile(launch.packet, 'utf8'), launch.prompt] : [launch.prompt]
      prompted = id
      const answer = await peer.request('session/prompt', { sessionId: id, prompt: [...new Set(texts)].map((text) => ({ type: 'text', text })) })
      tell(readTurnUsage(answer, quirks))
      return endOfAnswer(answer, translator.lastText(), questions.refusedLast(), quirks)
    }

    const cancelling = cancelInOrder(talk.cancel, async () => {
      questions.cancelAll()
      // The answers to its questions go first.
      await nextLoop()
      if (prompted !== undefined) peer.notify('session/cancel', { sessionId: prompted })
      return prompted !== undefined
    })
    let end: TurnEnd
    try {
      end = await Promise.race([hold(), cancelling.over, failed])
      if (talk.cancel.aborted && end.source === 'event') end = { stop: 'cancelled', because: 'It stopped when it was asked to', source: 'event' }
    } catch (error) {
      const failure = endOfFailure(error)
      if (failure === undefined) throw error
      end = talk.cancel.aborted ? { stop: 'cancelled', because: 'It was asked to stop', source: failure.source } : failure
    } finally {
      cancelling.clear()
      peer.stop()
      questions.cancelAll()
      // What was still open is answered, and told to be cancelled, before the turn is told to be over.
      await nextLoop()
      talk.input.end()
    }
    translator.closeText()
    for (const event of translator.tools.abandon()) talk.emit(event)
    return conclude(talk, end, session)
  }
}
