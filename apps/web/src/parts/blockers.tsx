import type { Blocker } from '@signalbox/core'
import { For, Show, type JSX } from 'solid-js'
import { count } from '../words/amounts.ts'
import { pathsOf } from '../words/blocker-paths.ts'
import { visible } from '../words/untrusted.ts'
import { Command } from './twin.tsx'

/** Every reason against a landing, each with what to do about it, and where there are acts for it, those. */
export function Blockers(props: { readonly blockers: readonly Blocker[]; readonly act?: (blocker: Blocker) => JSX.Element }) {
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
            {props.act?.(blocker)}
          </li>
        )}
      </For>
    </ul>
  )
}
