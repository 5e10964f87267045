import { onMount, Show } from 'solid-js'
import { session } from './session.ts'
import { lastProgram } from './token.ts'

const reasons = {
  no_token: 'This tab has not been let in yet.',
  code_refused: 'The link that brought you here was used before, or is older than ten minutes.',
  token_refused: 'The server no longer knows this tab.',
} as const

/** Says how to get in. It names no product: whoever is not let in does not learn what runs here. */
export function LockedPage() {
  onMount(() => (document.title = 'Not let in'))
  const because = () => {
    const now = session()
    return now.kind === 'locked' ? reasons[now.because] : ''
  }
  return (
    <main class="gate-page">
      <h1>You need a fresh link</h1>
      <p>{because()} Nothing is lost: what ran goes on running.</p>
      <ol>
        <li>
          In a terminal on this machine, run the <code>open</code> command of the program that serves this page
          <Show when={lastProgram.read()} fallback="; the server prints it below its first link.">{(name) => <>: <code>{name()} open</code></>}</Show>
        </li>
        <li>Follow the link it prints. It lets one tab in, once.</li>
      </ol>
    </main>
  )
}
