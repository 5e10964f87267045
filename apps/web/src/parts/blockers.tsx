import type { Blocker } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { count } from '../words/amounts.ts'
import { pathsOf } from '../words/blocker-paths.ts'
import { visible } from '../words/untrusted.ts'
import { Command } from './twin.tsx'

/** Every reason against a landing, each with what to do about it; `waive` is called for one that a human wants to waive. */
export function Blockers(props: { readonly blockers: readonly Blocker[]; readonly waive?: (blocker: Blocker) => void }) {
  return (
    <ul class="blockers">
      <For each={props.blockers}>
        {(blocker) => (
          <li class="blocker">
            <p class="blocker-head">
              <code class="code">{blocker.code}</code>
              <Show when={blocker.repo}>{(repo) => <span class="chip">{repo()}</span>}</Show>
            </p>
            <p>{visible(blocker.message)}</p>
            <Show when={pathsOf(blocker).length > 0}>
              <details>
                <summary>{pathsOf(blocker).length === 1 ? 'The path' : `All ${count(pathsOf(blocker).length, 'path')}`}</summary>
                <ul class="paths">
                  <For each={pathsOf(blocker)}>{(path) => <li>{visible(path)}</li>}</For>
                </ul>
              </details>
            </Show>
            <p class="remedy">
              {visible(blocker.remedy.sentence)} <Show when={blocker.remedy.command}>{(command) => <Command text={visible(command())} />}</Show>
            </p>
            <Show when={blocker.remedy.waive !== undefined && props.waive}>
              {(waive) => (
                <p>
                  <button type="button" class="button" onClick={() => waive()(blocker)}>
                    Waive…
                  </button>
                </p>
              )}
            </Show>
          </li>
        )}
      </For>
    </ul>
  )
}
