import type { Receipt, RunView } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { Badge } from '../parts/badge.tsx'
import { Section } from '../parts/section.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import { duration, shortId } from '../words/amounts.ts'
import { receiptStanding } from '../words/receipts.ts'
import { visible } from '../words/untrusted.ts'
import { SavedStates } from './saved-states.tsx'

/** What a run saved, and what was checked of it. */
export function RunSaved(props: { readonly run: RunView }) {
  return (
    <>
      <SavedStates run={props.run} />
      <Section title="Checks">
        <Show when={props.run.receipts.length > 0} fallback={<p class="muted">No check has run.</p>}>
          <ul class="receipts">
            <For each={props.run.receipts.toReversed()}>{(receipt) => <ReceiptLine receipt={receipt} />}</For>
          </ul>
        </Show>
        <Twin args={`check ${props.run.id}`} />
      </Section>
    </>
  )
}

function ReceiptLine(props: { readonly receipt: Receipt }) {
  return (
    <li>
      <details>
        <summary>
          {props.receipt.repo} {visible(props.receipt.name)} <Badge standing={receiptStanding(props.receipt)} />{' '}
          <span class="muted">
            {duration(props.receipt.durationMs)}, <Time at={props.receipt.at} />
          </span>
        </summary>
        <p>
          <code>{visible(props.receipt.command)}</code> <span class="muted">on tree {shortId(props.receipt.tree)}</span>
        </p>
        <Show when={props.receipt.voided}>{(why) => <p class="warn-text">{visible(why())}</p>}</Show>
        <pre class="code-block">{props.receipt.outputTail === '' ? 'It printed nothing.' : visible(props.receipt.outputTail)}</pre>
      </details>
    </li>
  )
}
