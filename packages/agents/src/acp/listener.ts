import type { AgentEvent } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { asAmount, asObject, asText, type Json } from '../output/json.ts'
import type { Files } from './files.ts'
import type { Listener } from './peer.ts'
import type { Questions } from './questions.ts'
import { rpcCodes, RpcError } from './rpc.ts'
import { mostRaw, type Translator } from './translate.ts'

interface Listening {
  /** The session that was prompted. What is said before that is the past: a session that is loaded is told anew. */
  readonly prompted: () => string | undefined
  readonly questions: Questions
  readonly translator: Translator
  /** Absent where none are offered. */
  readonly files: Files | undefined
  readonly tell: (event: AgentEvent) => void
}

/** Hears what an agent says in its turn: its questions are answered, its files served, its updates told, and all else kept as it came. */
export function createListener({ prompted, questions, translator, files, tell }: Listening): Listener {
  function checkSession(params: Json): void {
    if (prompted() === undefined || params['sessionId'] !== prompted()) throw new RpcError(rpcCodes.invalidParams, 'There is no such session')
  }

  return {
    async onRequest(method, params, id) {
      if (method === 'session/request_permission') {
        checkSession(params)
        return questions.ask(params, id)
      }
      if (method === 'fs/read_text_file' && files !== undefined) {
        checkSession(params)
        return { content: await files.read(textIn(params, 'path'), asAmount(params['line']), asAmount(params['limit'])) }
      }
      if (method === 'fs/write_text_file' && files !== undefined) {
        checkSession(params)
        const { content } = params
        await files.write(textIn(params, 'path'), content === '' ? '' : textIn(params, 'content'))
        return {}
      }
      throw new RpcError(rpcCodes.noSuchMethod, `There is no method ${clip(method, 100)}`)
    },
    onNotification(method, params, line) {
      if (method === '$/cancel_request') return questions.withdraw(params['requestId'] ?? params['id'])
      if (prompted() === undefined) return
      if (method === 'session/update' && params['sessionId'] === prompted()) translator.update(asObject(params['update']), line)
      else tell({ type: 'unknown', name: clip(method, 100), raw: clip(line, mostRaw) })
    },
    onStray: (line) => tell({ type: 'unknown', name: 'output', raw: clip(line, mostRaw) }),
  }
}

function textIn(params: Json, key: string): string {
  const text = asText(params[key])
  if (text === undefined) throw new RpcError(rpcCodes.invalidParams, `There is no ${key}`)
  return text
}
