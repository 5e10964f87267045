import type { Handoff } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { Badge } from '../parts/badge.tsx'
import { ClaimGap } from '../parts/claim-gap.tsx'
import { Section } from '../parts/section.tsx'
import { shortId, size } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'

/** What changed, as we saw it, and what was validated: facts with a receipt beside what somebody only says. */
export function Evidence(props: { readonly evidence: Handoff['evidence'] }) {
  return (
    <>
      <Section title="What changed">
        <Show when={props.evidence.changed.length > 0} fallback={<p class="muted">No repo.</p>}>
          <ul class="changed">
            <For each={props.evidence.changed}>
              {(change) => (
                <li>
                  <details open={change.files.length <= 12}>
                    <summary>
                      {change.repo} <span class="muted">{size({ ...change, files: change.files.length })}</span>
                      {change.reason === undefined ? '' : `: ${visible(change.reason)}`}
                    </summary>
                    <ul class="files">
                      <For each={change.files}>
                        {(file) => (
                          <li>
                            <code>{visible(file)}</code>
                          </li>
                        )}
                      </For>
                    </ul>
                  </details>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Section>
      <Section title="What was checked">
        <Show when={props.evidence.validation.length > 0} fallback={<p class="muted">Nothing.</p>}>
          <ul class="changed">
            <For each={props.evidence.validation}>
              {(line) => (
                <li>
                  <Badge standing={line.kind === 'fact' ? { word: 'fact', tone: line.exitCode === 0 ? 'ok' : 'bad' } : { word: 'claim', tone: 'warn' }} /> {visible(line.text)}
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Section>
      <Show when={props.evidence.claimed}>
        {(claimed) => (
          <Section title="Claims and facts">
            <ClaimGap gap={claimed()} />
          </Section>
        )}
      </Show>
      <Show when={props.evidence.pushed}>
        {(pushed) => (
          <Section title="Where it was pushed">
            <ul class="changed">
              <For each={pushed()}>
                {(one) => (
                  <li>
                    {one.repo} → <code>{visible(one.branch)}</code> on {visible(one.remote)} <code title={one.commit}>{shortId(one.commit)}</code> {one.pullRequest === undefined ? '' : visible(one.pullRequest)}
                  </li>
                )}
              </For>
            </ul>
          </Section>
        )}
      </Show>
      <Show when={props.evidence.waived}>
        {(waived) => (
          <Section title="What was waived">
            <ul class="changed">
              <For each={waived()}>
                {(one) => (
                  <li>
                    <code>{visible(one.code)}</code> {one.repo}: {visible(one.because)} <span class="muted">{visible(one.by)}</span>
                  </li>
                )}
              </For>
            </ul>
          </Section>
        )}
      </Show>
    </>
  )
}
