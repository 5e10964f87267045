import { QueryClient } from '@tanstack/query-core'
import { connection } from './connection.ts'

/**
 * What the page knows of the server. Nothing is asked twice on failure: a refusal would be the same, and after a lost
 * connection everything on screen is asked again as soon as the server is back.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    // `always`: the server is on this machine, whatever the browser thinks of the network.
    queries: { retry: false, networkMode: 'always', staleTime: 5_000 },
  },
})

queryClient.mount()
connection.onBack(() => void queryClient.invalidateQueries())
