import { A } from '@solidjs/router'
import type { RunView, Snapshot } from '@signalbox/core'
import { sayLeftOut } from '@signalbox/core/words'
import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'

/** Above the diff of a part of a round: what it leaves out, and where that is. */
export function LeftOut(props: { readonly run: RunView; readonly round: Snapshot }) {
  const address = (id: string): string => `/runs/${props.run.id}/review?round=${id.slice(id.indexOf('.s') + 2)}`
  return (
    <Show when={(props.round.part?.leftOut.length ?? 0) > 0 ? props.round.part : undefined}>
      {(part) => (
        <div class="notice left-out" role="status">
          <p>
            {props.round.id} is a part of <A href={address(part().of)}>{part().of}</A>. What it leaves out stays there:
          </p>
          <ul class="paths">
            <For each={part().leftOut}>
              {(of) => (
                <li>
                  {visible(sayLeftOut(of))} in <A href={address(of.from)}>{of.from}</A>
                </li>
              )}
            </For>
          </ul>
        </div>
      )}
    </Show>
  )
}
