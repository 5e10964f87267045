import type { RunView } from '@signalbox/core'
import { createSignal, For, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { RecordLink } from '../parts/record-link.tsx'
import { shortId } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { ActDialog } from './act-dialog.tsx'

/** What landed where, and the way back while nothing is built on top. */
export function Landed(props: { readonly run: RunView }) {
  const [asking, setAsking] = createSignal<'undo' | 'as-run'>()
  const reverts = () => props.run.merge.reverts
  const isBack = () => reverts().some(({ merge, part }) => merge === 'merged' && !part)
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
      <For each={reverts()}>
        {({ run, merge, part }) => (
          <p>
            <RecordLink id={run} /> {merge === 'merged' ? 'took' : 'would take'} {part ? 'a part of it back.' : 'it back.'}
          </p>
        )}
      </For>
      <Show when={!isBack()}>
        <p class="landed-acts">
          <button type="button" class="button danger" onClick={() => setAsking('undo')}>
            Undo the landing…
          </button>
          <button type="button" class="button" onClick={() => setAsking('as-run')}>
            Take it back as a run…
          </button>
        </p>
      </Show>
      <Show when={asking() === 'undo'}>
        <ActDialog title={`Undo the landing of ${props.run.id}?`} confirm="Undo the landing" twin={() => `undo ${props.run.id}`} act={() => api.undo(props.run.id)} close={() => setAsking(undefined)}>
          <p>
            Moves {props.run.merge.repos.map(({ repo, branch, from }) => `${repo} → ${branch} back to ${shortId(from)}`).join(', ')}. It is refused where somebody built on top. The task is in review again, and the approval is spent.
          </p>
        </ActDialog>
      </Show>
      <Show when={asking() === 'as-run'}>
        <ActDialog title={`Take ${props.run.id} back as a run?`} confirm="Make the run" twin={() => `undo ${props.run.id} --as-run`} act={() => api.undo(props.run.id, { asRun: true })} close={() => setAsking(undefined)}>
          <p>Moves nothing. A new run takes the change back on {props.run.merge.repos.map(({ repo, branch }) => `${repo} → ${branch}`).join(', ')} as they are now; what was built on top stays. It is checked, reviewed and landed like any other.</p>
        </ActDialog>
      </Show>
    </>
  )
}
