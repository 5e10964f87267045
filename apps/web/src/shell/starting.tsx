import { Show } from 'solid-js'
import { connection } from '../api/connection.ts'

/** What is shown until the server has said who we are. */
export function Starting() {
  return (
    <main class="gate-page" aria-busy="true">
      <Show when={connection.away()} fallback={<p class="loading">Connecting…</p>}>
        <h1>The server does not answer</h1>
        <p role="status">This page tries again by itself. If the server was stopped, start it again with its serve command; your login stays good.</p>
      </Show>
    </main>
  )
}
