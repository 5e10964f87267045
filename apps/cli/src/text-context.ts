import type { ContextView } from '@signalbox/core'
import type { Look } from './look.ts'
import { blocks } from './text-parts.ts'
import { visible } from './untrusted.ts'

/** Returns what a packet holds and why: per section each source with its reason and cost, then what was left out. */
export function contextText(context: ContextView, { ink }: Look): string {
  const head = `${ink.bold(context.task)}  ${context.tokens} of ${context.budget} tokens  ${ink.dim(context.hash.slice(0, 10))}`
  const sections = context.sections.map(({ name, items, empty }) => {
    const lines = items.map((item) => [`  ${visible(item.source)}`, `${item.tokens} tokens`, ink.dim(visible(item.reason)), item.freshness === null ? '' : ink.yellow(visible(item.freshness))].filter((part) => part !== '').join('  '))
    return empty ? `${ink.bold(name)}  ${ink.dim('none found')}` : [ink.bold(name), ...lines].join('\n')
  })
  const omitted = context.omitted.map(({ source, reason, tokens }) => `  ${visible(source)}  ${tokens} tokens  ${ink.dim(visible(reason))}`)
  return blocks(head, sections.join('\n'), omitted.length === 0 ? undefined : [ink.yellow('left out'), ...omitted].join('\n'))
}

/** Says that a packet costs more than it may: nothing but what has to be in it is kept then. */
export function noteOfBudget({ tokens, budget }: Pick<ContextView, 'tokens' | 'budget'>): string | undefined {
  return tokens > budget ? `The required parts alone are larger than the budget: ${tokens} of ${budget} tokens` : undefined
}
