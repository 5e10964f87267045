import type { AgentEvent, PermissionAnswer } from '@signalbox/core'
import { retryAt, verdictOfFailure } from '../output/failure.ts'
import { asAmount, asId, asObject, asObjects, asSession, asText, textOf, wordOf, type Json } from '../output/json.ts'
import { keepNewest } from '../output/keep-newest.ts'
import { serverOf } from '../output/tool-server.ts'
import { ends, type Retry, type Verdict } from '../output/verdict.ts'
import { notice, planEvents, sessionEvent, usageEvent, withCached } from './events.ts'
import { mostCalls, nothing, type LineParser, type Meaning } from './parser.ts'
import { claimOf, describeCall, isCutCommand, outputOf, type CallWords } from './tool-call.ts'

/** Lines about the program itself, such as estimates and its menus. */
const quiet = new Set(['system/thinking_tokens', 'system/status', 'system/hook_started', 'system/hook_response', 'stream_event', 'tool_progress', 'keep_alive', 'prompt_suggestion', 'control_response', 'auth_status'])

/**
 * Reads the `stream-json` output of Claude Code, and of Qwen Code, which took its shapes over.
 * `resumed`: whether it goes on with a session it had. `tokensOf`: what its tokens are counted over.
 */
export function createClaudeParser({ resumed, tokensOf }: { readonly resumed: boolean; readonly tokensOf: 'turn' | 'session' }): LineParser {
  const calls = new Map<string, CallWords>()
  const refused = new Set<string>()
  let session: string | undefined
  let verdict: Verdict | undefined
  let retry: Retry | undefined

  function refuse(id: string): void {
    refused.add(id)
    keepNewest(refused, mostCalls)
  }

  function readInit(line: Json): Meaning {
    session = asSession(line['session_id'])
    if (session === undefined) return nothing
    return { events: [sessionEvent(session, resumed, asText(line['model']), asText(line['permissionMode']) ?? asText(line['permission_mode']))] }
  }

  function readAssistant(line: Json): Meaning {
    const message = asObject(line['message'])
    // It puts the provider's refusal in its own mouth; the result tells it again.
    if (message['model'] === '<synthetic>') return nothing
    // What a helper agent says is between the two; what it does, is done here.
    const isOfHelper = typeof line['parent_tool_use_id'] === 'string'
    const events = asObjects(message['content']).flatMap((block): readonly AgentEvent[] => {
      if (block['type'] === 'tool_use') return readCall(block)
      const text = asText(block['text']) ?? asText(block['thinking'])
      if (text === undefined || isOfHelper) return []
      return [{ type: block['type'] === 'thinking' ? 'thought' : 'message', text, partial: false }]
    })
    return { events }
  }

  function readCall(block: Json): readonly AgentEvent[] {
    const id = asId(block['id'])
    if (id === undefined) return []
    const input = asObject(block['input'])
    const words = describeCall(asText(block['name']) ?? 'tool', input)
    calls.set(id, words)
    keepNewest(calls, mostCalls)
    return [{ type: 'tool', id, status: 'running', ...words }, ...planEvents(input['todos'])]
  }

  function readResults(line: Json): Meaning {
    const structured = asObject(line['tool_use_result'])
    const events = asObjects(asObject(line['message'])['content']).flatMap((block): readonly AgentEvent[] => {
      const id = block['type'] === 'tool_result' ? asId(block['tool_use_id']) : undefined
      if (id === undefined) return []
      const text = textOf(block['content'])
      const words = calls.get(id)
      calls.delete(id)
      if (block['is_error'] === true) return [{ type: 'tool', id, status: refused.has(id) ? 'refused' : 'failed', ...outputOf(text), ...exitOf(text) }]
      const said = structured['type'] === 'create' ? 'created' : text
      return [{ type: 'tool', id, status: 'done', ...outputOf(text), ...(words === undefined ? {} : claimOf(words, said)) }]
    })
    return { events }
  }

  function readResult(line: Json): Meaning {
    session ??= asSession(line['session_id'])
    verdict = verdictOf(line, retry)
    for (const denial of asObjects(line['permission_denials'])) refuse(asId(denial['tool_use_id']) ?? '')
    const usage = asObject(line['usage'])
    // Where it counts over the turn, it counts apart what came from the cache.
    const input = tokensOf === 'turn' ? withCached(usage['input_tokens'], usage['cache_read_input_tokens']) : usage['input_tokens']
    const tokens = usageEvent(tokensOf, { input, output: usage['output_tokens'], cached: usage['cache_read_input_tokens'] })
    // Claude Code counts money over the session, earlier turns included, and tokens over the turn.
    return { events: line['total_cost_usd'] === undefined ? [tokens] : [tokens, usageEvent('session', { cost: line['total_cost_usd'] })] }
  }

  function readControl(line: Json): Meaning {
    const id = asId(line['request_id']) ?? ''
    const request = asObject(line['request'])
    if (request['subtype'] !== 'can_use_tool') {
      return { reply: lineOf({ type: 'control_response', response: { subtype: 'error', request_id: id, error: `not supported: ${wordOf(request['subtype'])}` } }) }
    }
    return askOf(id, request, refuse)
  }

  function readSystem(line: Json): Meaning | undefined {
    switch (line['subtype']) {
      case 'init':
        return readInit(line)
      case 'api_retry': {
        const status = asAmount(line['error_status'])
        return { events: [notice('warning', `The provider did not answer${status === undefined ? '' : ` (${status})`}: it is tried again`)] }
      }
      case 'retry':
        return { events: [notice('warning', 'The provider did not answer: it is tried again')] }
      case 'compact_boundary':
        return { events: [notice('info', 'It summed up its conversation to make room')] }
      default:
        return undefined
    }
  }

  return {
    read(line) {
      if (quiet.has(asText(line['subtype']) === undefined || line['type'] !== 'system' ? wordOf(line['type']) : `system/${wordOf(line['subtype'])}`)) return nothing
      switch (line['type']) {
        case 'system':
          return readSystem(line)
        case 'assistant':
          return readAssistant(line)
        case 'user':
          return readResults(line)
        case 'result':
          return readResult(line)
        case 'control_request':
          return readControl(line)
        case 'control_cancel_request':
          return { withdrawn: asId(line['request_id']) }
        case 'rate_limit_event': {
          const info = asObject(line['rate_limit_info'])
          const resets = asAmount(info['resetsAt'])
          if (info['status'] === 'rejected' && resets !== undefined) retry = retryAt(resets * 1000)
          return nothing
        }
        default:
          return undefined
      }
    },
    verdict: () => verdict,
    session: () => session,
  }
}

/** The first line of a conversation with Claude Code: what it is to do. */
export function claudeOpening(prompt: string): string {
  return lineOf({ type: 'user', message: { role: 'user', content: [{ type: 'text', text: prompt }] }, parent_tool_use_id: null, session_id: '' })
}

/** The line that asks Claude Code to stop its turn. */
export const claudeInterrupt: string = lineOf({ type: 'control_request', request_id: 'stop', request: { subtype: 'interrupt' } })

function askOf(id: string, request: Json, refuse: (tool: string) => void): Meaning {
  const name = asText(request['tool_name']) ?? 'tool'
  const input = asObject(request['input'])
  const tool = asId(request['tool_use_id']) ?? null
  const { kind, title, command, paths } = describeCall(name, input)
  const reply = (answer: PermissionAnswer): string => {
    if (answer.kind !== 'allow' && tool !== null) refuse(tool)
    return lineOf({ type: 'control_response', response: { subtype: 'success', request_id: id, response: decisionOf(answer, input, request['permission_suggestions']) } })
  }
  return { ask: { request: { id, tool, kind, title, command: command ?? null, paths: paths ?? [], mcpServer: serverOf(name) }, isCut: isCutCommand(kind, input), reply } }
}

function decisionOf(answer: PermissionAnswer, input: Json, suggestions: unknown): Json {
  switch (answer.kind) {
    case 'allow':
      return { behavior: 'allow', updatedInput: input, ...(answer.lasting === 'always' ? { updatedPermissions: forSession(suggestions) } : {}) }
    case 'refuse':
      return { behavior: 'deny', message: answer.because }
    case 'cancelled':
      return { behavior: 'deny', message: 'The run is ending', interrupt: true }
    default:
      return answer satisfies never
  }
}

/**
 * Returns what it proposes so as not to ask for the like again, for its session only: left to itself it writes rules into settings files, in the
 * checkout or of its human. No mode is taken over in which it would ask for nothing.
 */
function forSession(suggestions: unknown): readonly Json[] {
  return asObjects(suggestions)
    .filter(({ type, mode }) => type === 'addRules' || type === 'addDirectories' || (type === 'setMode' && mode === 'acceptEdits'))
    .map((suggestion) => ({ ...suggestion, destination: 'session' }))
}

function verdictOf(line: Json, retry: Retry | undefined): Verdict {
  const subtype = asText(line['subtype']) ?? 'no subtype'
  if (subtype.startsWith('error_max_')) return { stop: 'limit', because: `It reached a limit of its own: ${subtype}` }
  if (line['is_error'] === true || subtype !== 'success') {
    const text = asText(line['result']) ?? asText(asObject(line['error'])['message']) ?? (Array.isArray(line['errors']) ? line['errors'].map(wordOf).join('\n') : undefined) ?? subtype
    const failed = verdictOfFailure(text, asAmount(line['api_error_status']))
    return failed.stop === 'quota' && failed.retry === undefined ? { ...failed, retry } : failed
  }
  if (line['stop_reason'] === 'refusal') return ends.filtered
  if (line['stop_reason'] === 'max_tokens') return ends.length
  return ends.done
}

/** Claude Code begins the output of a command that failed with its exit code. */
function exitOf(text: string | undefined): { readonly exitCode?: number } {
  const code = /^Exit code (\d{1,3})\b/.exec(text ?? '')?.[1]
  return code === undefined ? {} : { exitCode: Number(code) }
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
