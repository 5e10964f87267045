import type { AgentEvent, AgentEventOf } from './agent-event.ts'

/** Says what an agent said or did as text for people, one thing a line. Empty for what is of no use to them. */
export function sayAgentEvent(event: AgentEvent): string {
  switch (event.type) {
    case 'session':
      return `${event.how === 'new' ? 'New session' : 'Goes on with session'} ${event.id}${event.model === null ? '' : `, model ${event.model}`}${event.mode === null ? '' : `, mode ${event.mode}`}`
    case 'message':
    case 'thought':
    case 'notice':
      return event.text
    case 'plan':
      return event.entries.map(({ text, status }) => `${marks[status]} ${text}`).join('\n')
    case 'tool':
      return sayTool(event)
    case 'permission':
      return `${event.title}: ${event.state}`
    case 'usage':
      return sayUsage(event)
    case 'error':
      return `${event.where} error${event.code === undefined ? '' : ` ${event.code}`}: ${event.text}`
    case 'turn':
      return `Turn ended (${event.stop}): ${event.because}`
    case 'unknown':
      return `${event.name}: ${event.raw}`
    default:
      return event satisfies never
  }
}

const marks = { pending: '[ ]', in_progress: '[~]', completed: '[x]' } as const

function sayTool({ id, status, kind, title, command, paths, exitCode }: AgentEventOf<'tool'>): string {
  const what = command ?? title ?? paths?.join(', ') ?? id
  const ended = exitCode === undefined || exitCode === null ? '' : `, exit ${exitCode}`
  return `${kind ?? 'tool'} ${what} (${status}${ended})`
}

function sayUsage({ scope, input, output, cached, cost, context }: AgentEventOf<'usage'>): string {
  const tokens = [input === undefined ? [] : `${input} in`, output === undefined ? [] : `${output} out`, cached === undefined ? [] : `${cached} cached`].flat()
  const parts = [tokens.length === 0 ? [] : `${tokens.join(', ')} tokens`, cost === undefined ? [] : `${cost.amount} ${cost.currency}`, context === undefined ? [] : `${context.used} of ${context.size} in the window`].flat()
  return `Usage of the ${scope}: ${parts.join('; ')}`
}
