import type { Blocker } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'
import { Command } from './twin.tsx'

/** Lists every reason not to merge, each with what to do about it. */
export function Blockers(props: { readonly blockers: readonly Blocker[] }) {
  return (
    <ul class="blockers">
      <For each={props.blockers}>
        {(blocker) => (
          <li>
            <p>
              {visible(blocker.message)} <code class="code">{blocker.code}</code>
            </p>
            <p class="remedy">
              {visible(blocker.remedy.sentence)}
              <Show when={blocker.remedy.command}>{(command) => <Command text={visible(command())} />}</Show>
            </p>
          </li>
        )}
      </For>
    </ul>
  )
}
