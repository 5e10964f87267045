import { QueryObserver, type QueryObserverResult } from '@tanstack/query-core'
import { createComputed, createSignal, on, onCleanup } from 'solid-js'
import type { Question } from './question.ts'
import { queryClient } from './query-client.ts'

/** What a question to the server brought so far: reading a field of it follows every change. */
export type Query<T> = QueryObserverResult<T>

/**
 * Asks a question for as long as the component lives, and again whenever its answer may have changed. What did not change
 * in an answer stays the same object, so that what shows it stays as it is.
 */
export function useQuery<T>(question: () => Question<T>): Query<T> {
  const observer = new QueryObserver<T>(queryClient, question())
  const look = (): QueryObserverResult<T> => observer.getOptimisticResult(queryClient.defaultQueryOptions(observer.options))
  const [result, setResult] = createSignal(look())
  createComputed(
    on(
      question,
      (asked) => {
        observer.setOptions(asked)
        setResult(look)
      },
      { defer: true },
    ),
  )
  onCleanup(observer.subscribe((found) => setResult(() => found)))
  // A proxy holds no fields of its own: it is what it reads through.
  return new Proxy({} as QueryObserverResult<T>, { get: (_, field) => Reflect.get(result(), field) })
}
