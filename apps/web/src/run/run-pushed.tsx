import type { RunView } from '@signalbox/core'
import { sayPushed } from '@signalbox/core/words'
import { For, Show } from 'solid-js'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { shortId } from '../words/amounts.ts'
import { linkTargetOf } from '../words/link-target.ts'
import { visible } from '../words/untrusted.ts'

/** Where rounds of a run were pushed, and how to push an approved one: that is done on the command line, with the human's own login at hand. */
export function RunPushed(props: { readonly run: RunView }) {
  return (
    <Show when={props.run.pushes.length > 0 || props.run.merge.state === 'approved'}>
      <Section title="Pushed">
        <Show when={props.run.pushes.length > 0} fallback={<p class="muted">Nowhere. Instead of landing it here, the approved round can go to a remote.</p>}>
          <ul class="plain-lines">
            <For each={props.run.pushes}>
              {(push) => (
                <li>
                  {push.snapshot}
                  <For each={push.repos}>
                    {(move) => (
                      <div>
                        {visible(sayPushed(push, { ...move, pullRequest: null }))} <code title={move.to}>{shortId(move.to)}</code> <PullRequest url={move.pullRequest} />
                      </div>
                    )}
                  </For>
                  <Show when={push.because}>{(because) => <div class="bad-text">{visible(because())}</div>}</Show>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <Show when={props.run.merge.state === 'approved'}>
          <Twin args={`push ${props.run.id} --pr`} />
        </Show>
      </Section>
    </Show>
  )
}

/** A pull request, followed only where its address is one of the web. */
function PullRequest(props: { readonly url: string | null }) {
  const target = () => linkTargetOf(props.url ?? '')
  return (
    <Show when={props.url}>
      {(url) => {
        const to = target()
        return to.kind === 'web' ? (
          <a href={to.url} rel="noopener noreferrer external" target="_blank">
            {visible(url())}
          </a>
        ) : (
          visible(url())
        )
      }}
    </Show>
  )
}
