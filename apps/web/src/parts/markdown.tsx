import { createEffect, createSignal, Match, on, Switch } from 'solid-js'
import type { MarkdownNode } from '../words/markdown-tree.ts'
import { visible } from '../words/untrusted.ts'
import { MarkdownNodes } from './markdown-nodes.tsx'
import { parseMarkdown } from './parse-markdown.ts'
import '../styles/markdown.css'

type Parsed = { readonly kind: 'pending' } | { readonly kind: 'plain' } | { readonly kind: 'nodes'; readonly nodes: readonly MarkdownNode[] }

/** Shows Markdown of a record or an agent. It is untrusted: nothing in it becomes markup but what we know. */
export function Markdown(props: { readonly text: string }) {
  const [parsed, setParsed] = createSignal<Parsed>({ kind: 'pending' })
  createEffect(
    on(
      () => props.text,
      async (text) => {
        const nodes = await parseMarkdown(text)
        if (text === props.text) setParsed(nodes === undefined ? { kind: 'plain' } : { kind: 'nodes', nodes })
      },
    ),
  )
  const nodes = () => {
    const now = parsed()
    return now.kind === 'nodes' ? now.nodes : undefined
  }
  return (
    <div class="markdown" aria-busy={parsed().kind === 'pending'}>
      <Switch>
        <Match when={parsed().kind === 'plain'}>
          <p class="muted">This text could not be laid out in time; it is shown as it is.</p>
          <pre>{visible(props.text)}</pre>
        </Match>
        <Match when={nodes()}>{(known) => <MarkdownNodes nodes={known()} />}</Match>
      </Switch>
    </div>
  )
}
