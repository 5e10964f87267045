import type { RunView } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { Section } from '../parts/section.tsx'
import { shortId } from '../words/amounts.ts'
import { saySourceState } from '../words/source-state.ts'
import { visible } from '../words/untrusted.ts'

/** What a run was started on, and what your own checkouts looked like then. */
export function RunStart(props: { readonly run: RunView }) {
  return (
    <Section title="Began on">
      <Show when={props.run.from}>{(from) => <p>Its workspace began with the files of {from()}; they are part of what it changes.</p>}</Show>
      <ul class="began">
        <For each={props.run.repos}>
          {({ repo, baseBranch, baseHead, source }) => (
            <li>
              {repo} → {visible(baseBranch)} <code title={baseHead}>{shortId(baseHead)}</code>
              <p class="muted">{saySourceState(source)}</p>
              <Show when={source.paths.length > 0}>
                <details>
                  <summary class="muted">Which paths</summary>
                  <ul class="plain-lines">
                    <For each={source.paths}>
                      {(path) => (
                        <li>
                          <code>{visible(path)}</code>
                        </li>
                      )}
                    </For>
                  </ul>
                </details>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </Section>
  )
}
