import { createSignal } from 'solid-js'
import { touch } from './touch.ts'
import { isUnreached, Unanswered } from './unreached.ts'

/** An act of the human that a button does, and how it stands. */
export interface Act<V> {
  mutate(input: V): void
  /** Forgets the last refusal. */
  reset(): void
  readonly isPending: boolean
  /** Why it did not happen, or is not known to have, to be shown beside the button that asked; undefined when it did, or was not asked for. */
  readonly error: unknown
}

/** Nothing sends an act again by itself: it might be done twice. */
const unanswered = 'The server did not answer, so it is not known whether this was done. What you typed is still here. When the server is back, look whether it was done; press again if not.'

/** Returns an act of the human. After it, be it done or refused, everything on screen is looked at again. */
export function useAct<T, V = void>(act: (input: V) => Promise<T>, done?: (result: T, input: V) => void): Act<V> {
  const [pending, setPending] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  async function run(input: V): Promise<void> {
    setPending(true)
    setError(undefined)
    try {
      const result = await act(input)
      done?.(result, input)
    } catch (refusal) {
      setError(isUnreached(refusal) ? new Unanswered(unanswered) : refusal)
    } finally {
      setPending(false)
      touch(undefined)
    }
  }
  return {
    mutate: (input) => void run(input),
    reset: () => setError(undefined),
    get isPending() {
      return pending()
    },
    get error() {
      return error()
    },
  }
}
