import type { RunView } from '@signalbox/core'
import { createSignal, For, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { shortId } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { ActDialog } from './act-dialog.tsx'

/** What landed where, and the way back while nothing is built on top. */
export function Landed(props: { readonly run: RunView }) {
  const [asking, setAsking] = createSignal(false)
  return (
    <>
      <p>Landed. Every target holds byte for byte what was approved.</p>
      <ul class="landed">
        <For each={props.run.merge.repos}>
          {({ repo, branch, from, to }) => (
            <li>
              <strong>{repo}</strong> → {visible(branch)}{' '}
              <code title={`${from} to ${to}`}>
                {shortId(from)} → {shortId(to)}
              </code>
            </li>
          )}
        </For>
      </ul>
      <p>
        <button type="button" class="button danger" onClick={() => setAsking(true)}>
          Undo the landing…
        </button>
      </p>
      <Show when={asking()}>
        <ActDialog title={`Undo the landing of ${props.run.id}?`} confirm="Undo the landing" twin={() => `undo ${props.run.id}`} act={() => api.undo(props.run.id)} close={() => setAsking(false)}>
          <p>
            Moves {props.run.merge.repos.map(({ repo, branch, from }) => `${repo} → ${branch} back to ${shortId(from)}`).join(', ')}. It is refused where somebody built on top. The task is in review again, and the approval is spent.
          </p>
        </ActDialog>
      </Show>
    </>
  )
}
