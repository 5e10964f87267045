import type { TurnEnd } from '../output/verdict.ts'

/** Milliseconds an agent gets to say that it stopped. Shorter loses its last words; longer keeps whoever cancelled waiting for one that hangs. */
const cancelMs = 5_000

/** Stops an agent once that is asked for, and gives up on one that does not say it stopped. `stop` returns whether there is anything to wait for. */
export function cancelInOrder(signal: AbortSignal, stop: () => Promise<boolean>): { readonly over: Promise<TurnEnd>; clear(): void } {
  let timer: NodeJS.Timeout | undefined
  let onAbort: () => void = () => {}
  const over = new Promise<TurnEnd>((resolve, reject) => {
    const giveUp = (because: string): void => resolve({ stop: 'cancelled', because, source: 'inferred' })
    onAbort = () => {
      stop().then((isAsked) => {
        if (isAsked) timer = setTimeout(() => giveUp(`It was asked to stop, and did not say within ${cancelMs / 1_000} s that it had`), cancelMs)
        else giveUp('It was asked to stop before it began')
      }, reject)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  return {
    over,
    clear: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    },
  }
}
