import { useMutation } from '@tanstack/solid-query'
import { queryClient } from './query-client.ts'

/**
 * Returns an act of the human: `mutate` does it, `error` is the refusal to show beside the button that asked. After it,
 * be it done or refused, everything on screen is looked at again.
 */
export function useAct<T, V = void>(act: (input: V) => Promise<T>, done?: (result: T, input: V) => void) {
  return useMutation(() => ({
    mutationFn: act,
    onSuccess: (result: T, input: V) => done?.(result, input),
    onSettled: () => void queryClient.invalidateQueries(),
  }))
}
