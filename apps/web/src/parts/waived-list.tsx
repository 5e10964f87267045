import type { Waived } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'
import { Time } from './time.tsx'

/** What would block and was waived, each with the reason somebody gave. */
export function WaivedList(props: { readonly waived: readonly Waived[] }) {
  return (
    <ul class="blockers">
      <For each={props.waived}>
        {(one) => (
          <li class="blocker waived">
            <p class="blocker-head">
              <code class="code">{one.code}</code>
              <Show when={one.repo}>{(repo) => <span class="chip">{repo()}</span>}</Show>
              <span class="muted">waived</span>
            </p>
            <p>{visible(one.message)}</p>
            <p>
              “{visible(one.because)}” <span class="muted">{visible(one.by)}, <Time at={one.at} /></span>
            </p>
          </li>
        )}
      </For>
    </ul>
  )
}
