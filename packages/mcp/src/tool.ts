import { parseInput } from '@signalbox/core'
import type * as z from 'zod'

/** What a call may use beside its input. */
export interface CallContext {
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** One tool: what it is called, what it says of itself, what it takes, and the text it answers with. */
export interface Tool<S extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly description: string
  readonly input: S
  /** Whether it changes nothing. */
  readonly reads: boolean
  /** @throws ControlError as the call of the face behind it */
  call(input: z.output<S>, context: CallContext): Promise<string>
}

/** Returns a tool as one of a list: its input is parsed by its own schema before it is called. @throws ControlError `input.invalid` */
export function defineTool<const S extends z.ZodObject>(tool: Tool<S>): Tool {
  return { ...tool, call: async (input, context) => tool.call(parseInput(tool.input, input), context) }
}

/** Returns a value as text that a model reads. */
export function say(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
}
