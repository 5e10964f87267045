import type { RunView } from '@signalbox/core'
import { For } from 'solid-js'
import { shortId } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'

/** What a landing moved, repo by repo. */
export function Landed(props: { readonly repos: RunView['merge']['repos'] }) {
  return (
    <ul class="plain-lines">
      <For each={props.repos}>
        {({ repo, branch, from, to }) => (
          <li>
            {repo} → {visible(branch)}{' '}
            <code title={`${from} to ${to}`}>
              {shortId(from)}..{shortId(to)}
            </code>
          </li>
        )}
      </For>
    </ul>
  )
}
