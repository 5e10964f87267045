import type { Receipt, RunId } from '@signalbox/core'
import { createSignal, For, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { Badge } from '../parts/badge.tsx'
import { Problem } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { duration } from '../words/amounts.ts'
import { latestReceipts, receiptStanding } from '../words/receipts.ts'
import { visible } from '../words/untrusted.ts'
import { readCheckOutput } from './check-output.ts'

/** What checks said about exactly this round: the last receipt of each. */
export function CheckList(props: { readonly run: RunId; readonly receipts: readonly Receipt[]; readonly digest: string | undefined }) {
  const counting = () => latestReceipts(props.receipts.filter(({ digest }) => digest === props.digest))
  return (
    <Show when={counting().length > 0} fallback={<p class="muted">No check has run on this round.</p>}>
      <ul class="checks">
        <For each={counting()}>{(receipt) => <CheckLine receipt={receipt} />}</For>
      </ul>
      <AllOutput run={props.run} />
    </Show>
  )
}

function CheckLine(props: { readonly receipt: Receipt }) {
  return (
    <li class="check">
      <p class="check-head">
        <Badge standing={receiptStanding(props.receipt)} /> <strong>{props.receipt.name}</strong> <span class="chip">{props.receipt.repo}</span>
        <span class="muted check-time">
          {duration(props.receipt.durationMs)} · <Time at={props.receipt.at} />
        </span>
      </p>
      <code class="check-command">{visible(props.receipt.command)}</code>
      <Show when={props.receipt.voided}>{(why) => <p class="muted">{visible(why())}</p>}</Show>
      <Show when={props.receipt.outputTail.trim() !== ''}>
        <details>
          <summary>Last lines it printed</summary>
          <pre class="output" tabindex="0">
            {visible(props.receipt.outputTail)}
          </pre>
        </details>
      </Show>
    </li>
  )
}

/** Everything all checks of the run printed, fetched when it is opened. */
function AllOutput(props: { readonly run: RunId }) {
  const [text, setText] = createSignal<string>()
  const [error, setError] = createSignal<unknown>()
  const open = async (isOpen: boolean): Promise<void> => {
    if (!isOpen || text() !== undefined) return
    setError(undefined)
    try {
      setText(await readCheckOutput((from) => api.readTranscript(props.run, { from })))
    } catch (refused) {
      setError(refused)
    }
  }
  return (
    <details onToggle={(event) => void open(event.currentTarget.open)}>
      <summary>All output of the checks of this run</summary>
      <Show when={error()}>{(known) => <Problem error={known()} />}</Show>
      <Show when={text() ?? (error() === undefined ? 'Loading…' : undefined)}>
        {(known) => (
          <pre class="output" tabindex="0">
            {visible(known())}
          </pre>
        )}
      </Show>
    </details>
  )
}
