import type { RepoPath } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { count } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'

/** Where what an agent says and what it changed part; nothing is shown where both agree. */
export function ClaimGap(props: { readonly gap: { readonly absent: readonly RepoPath[]; readonly unclaimed: readonly RepoPath[] | null; readonly outside: readonly string[] } }) {
  const nameOf = ({ repo, path }: RepoPath): string => `${repo}/${path}`
  return (
    <>
      <Paths title="Claimed, but absent" says="its agent says it changed" paths={props.gap.absent.map(nameOf)} />
      <Paths title="Present, but unclaimed" says="it changed without saying so" paths={(props.gap.unclaimed ?? []).map(nameOf)} />
      <Paths title="Claimed, outside of its checkouts" says="its agent says it changed" paths={props.gap.outside} />
    </>
  )
}

function Paths(props: { readonly title: string; readonly says: string; readonly paths: readonly string[] }) {
  return (
    <Show when={props.paths.length > 0}>
      <details class="claim-gap" open={props.paths.length <= 8}>
        <summary>
          {props.title}: {count(props.paths.length, 'file')} <span class="muted">{props.says}</span>
        </summary>
        <ul class="paths">
          <For each={props.paths}>
            {(path) => (
              <li>
                <code>{visible(path)}</code>
              </li>
            )}
          </For>
        </ul>
      </details>
    </Show>
  )
}
