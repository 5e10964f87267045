import { Show } from 'solid-js'
import { connection } from '../api/connection.ts'

/** Says that the server does not answer, for as long as that is so: everything below may be old. */
export function Away() {
  return (
    <div role="status">
      <Show when={connection.away()}>
        <p class="away">
          <strong>Reconnecting…</strong> The server does not answer. What you see may be old; runs go on without it, and this page catches up by itself.
        </p>
      </Show>
    </div>
  )
}
