import { createMemo, For, Show } from 'solid-js'
import { send } from '../api/client.ts'
import type { Question } from '../api/question.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Page } from '../parts/page.tsx'
import { Section } from '../parts/section.tsx'
import { visible } from '../words/untrusted.ts'
import { readOperations, readTypes, type Operation } from './read-openapi.ts'
import '../styles/reference.css'

const openapi: Question<{ readonly document: unknown }> = {
  queryKey: ['openapi'],
  queryFn: async () => ({ document: await (await send('/api/openapi.json')).json() }),
  staleTime: Infinity,
}

/** Every call of the API, from the document the server makes of its own schemas. */
export function ReferencePage() {
  const document = useQuery(() => openapi)
  return (
    <Page title="Reference" actions={<code class="muted">GET /api/openapi.json</code>}>
      <p class="reference-lead">Everything these pages do, they do by these calls. Each needs the header “Authorization: Bearer” with a token of yours; bodies are JSON.</p>
      <Answer query={document} what="the reference">
        {(known) => <Groups document={known().document} />}
      </Answer>
    </Page>
  )
}

function Groups(props: { readonly document: unknown }) {
  const groups = createMemo(() => readOperations(props.document))
  const types = createMemo(() => readTypes(props.document))
  return (
    <div class="reference">
      <For each={groups()}>
        {(group) => (
          <Section title={group.name}>
            <For each={group.operations}>{(operation) => <Call operation={operation} />}</For>
          </Section>
        )}
      </For>
      <Section title="Types">
        <For each={types()}>
          {({ name, type }) => (
            <details class="call">
              <summary>{name}</summary>
              <pre class="code-block">{visible(type)}</pre>
            </details>
          )}
        </For>
      </Section>
    </div>
  )
}

function Call(props: { readonly operation: Operation }) {
  return (
    <details class="call" id={props.operation.id}>
      <summary>
        <code class={`method method-${props.operation.method.toLowerCase()}`}>{props.operation.method}</code> <code>{props.operation.path}</code> <span class="muted">{props.operation.summary}</span>
      </summary>
      <div class="call-body">
        <Show when={props.operation.parameters.length > 0}>
          <h3>Parameters</h3>
          <ul>
            <For each={props.operation.parameters}>
              {({ name, place, type, required }) => (
                <li>
                  <code>
                    {name}
                    {required ? '' : '?'}: {type}
                  </code>{' '}
                  <span class="muted">in {place}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <Show when={props.operation.body}>
          {(body) => (
            <>
              <h3>Body</h3>
              <pre class="code-block">{body()}</pre>
            </>
          )}
        </Show>
        <h3>Answers</h3>
        <For each={props.operation.answers}>
          {({ status, description, type }) => (
            <>
              <p>
                <code>{status}</code> {description}
              </p>
              <pre class="code-block">{type}</pre>
            </>
          )}
        </For>
      </div>
    </details>
  )
}
