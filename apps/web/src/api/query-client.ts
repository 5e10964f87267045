import { QueryClient } from '@tanstack/solid-query'
import { connection } from './connection.ts'

/**
 * What the page knows of the server. Nothing is asked twice on failure: a refusal would be the same, and after a lost
 * connection everything on screen is asked again as soon as the server is back.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    // `always`: the server is on this machine, whatever the browser thinks of the network. `reconcile` keeps what did
    // not change on screen as it is, with its focus and selection.
    queries: { retry: false, networkMode: 'always', staleTime: 5_000, reconcile: 'id' },
    mutations: { retry: false, networkMode: 'always' },
  },
})

connection.onBack(() => void queryClient.invalidateQueries())
