import type { Quarantined } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'

/** Lists files that could not be read: where, and why. They are left as they are. */
export function QuarantinedFiles(props: { readonly files: readonly Quarantined[] }) {
  return (
    <Show when={props.files.length > 0}>
      <section class="problem" aria-label="Files that could not be read">
        <h2>Could not be read; the files are left as they are</h2>
        <ul>
          <For each={props.files}>
            {({ path, line, reason }) => (
              <li>
                <code>{visible(line === null ? path : `${path}:${line}`)}</code> {visible(reason)}
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}
