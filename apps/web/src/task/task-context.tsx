import type { ContextView, RunId, TaskId } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { count, shortId } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'

/** The packet a run started now would get: every section with what it costs, and the last run's packet beside it. */
export function TaskContext(props: { readonly task: TaskId; readonly last: RunId | undefined }) {
  const context = useQuery(() => queries.context(props.task))
  return (
    <Section title="Context an agent gets" class="context">
      <Answer query={context} what="the packet">
        {(packet) => (
          <>
            <p class="muted">
              {packet().tokens} of {packet().budget} tokens · hash <code title={packet().hash}>{shortId(packet().hash)}</code>
            </p>
            <ul class="packet">
              <For each={packet().sections}>{(section) => <PacketSection section={section} />}</For>
            </ul>
            <Show when={packet().omitted.length > 0}>
              <p class="muted">Left out for the budget: {packet().omitted.map(({ source, tokens }) => `${visible(source)} (${tokens})`).join(', ')}</p>
            </Show>
            <Show when={props.last} keyed>
              {(run) => <GivenTo run={run} hash={packet().hash} />}
            </Show>
          </>
        )}
      </Answer>
      <Twin args={`context ${props.task}`} />
    </Section>
  )
}

function PacketSection(props: { readonly section: ContextView['sections'][number] }) {
  const cost = () => props.section.items.reduce((sum, { tokens }) => sum + tokens, 0)
  return (
    <li>
      <Show when={!props.section.empty} fallback={<p class="packet-none">{props.section.name}: none found</p>}>
        <details>
          <summary>
            {props.section.name} <span class="muted">{count(props.section.items.length, 'item')}, {cost()} tokens</span>
          </summary>
          <ul class="packet-items">
            <For each={props.section.items}>
              {(item) => (
                <li>
                  {visible(item.title)} <span class="muted">{visible(item.reason)}, {item.tokens} tokens</span>
                  <div>
                    <code class="muted">{visible(item.source)}</code>
                  </div>
                  <Show when={item.freshness}>{(freshness) => <p class="warn-text">{visible(freshness())}</p>}</Show>
                </li>
              )}
            </For>
          </ul>
        </details>
      </Show>
    </li>
  )
}

/** Says whether the last run was told the same. */
function GivenTo(props: { readonly run: RunId; readonly hash: string }) {
  const run = useQuery(() => queries.run(props.run))
  const given = () => (run.isSuccess ? run.data.packet : null)
  return (
    <Show when={given()}>
      {(packet) => (
        <p class="muted">
          {props.run} was given <code title={packet().hash}>{shortId(packet().hash)}</code>
          {packet().hash === props.hash ? ', the same.' : ', which has changed since.'}
        </p>
      )}
    </Show>
  )
}
