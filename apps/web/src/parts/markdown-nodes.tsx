import { A } from '@solidjs/router'
import { For, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { linkTargetOf } from '../words/link-target.ts'
import type { MarkdownNode } from '../words/markdown-tree.ts'
import { visible } from '../words/untrusted.ts'

/** Shows parsed Markdown as plain elements. */
export function MarkdownNodes(props: { readonly nodes: readonly MarkdownNode[] }) {
  return <For each={props.nodes}>{(node) => showNode(node)}</For>
}

function showNode(node: MarkdownNode): JSX.Element {
  switch (node.kind) {
    case 'text':
      return visible(node.text)
    case 'code':
      return <code>{visible(node.text)}</code>
    case 'code_block':
      return (
        <pre class="code-block">
          <code>{visible(node.text)}</code>
        </pre>
      )
    case 'break':
      return <br />
    case 'rule':
      return <hr />
    case 'link':
      return <Link url={node.url} nodes={node.children} />
    case 'heading':
      // The page has h1, its sections h2.
      return (
        <Dynamic component={`h${Math.min(node.depth + 2, 6)}`}>
          <MarkdownNodes nodes={node.children} />
        </Dynamic>
      )
    case 'list':
      return node.ordered ? (
        <ol start={node.start}>
          <MarkdownNodes nodes={node.children} />
        </ol>
      ) : (
        <ul>
          <MarkdownNodes nodes={node.children} />
        </ul>
      )
    case 'item':
      return <Item checked={node.checked} nodes={node.children} />
    default:
      return (
        <Dynamic component={elements[node.kind]}>
          <MarkdownNodes nodes={node.children} />
        </Dynamic>
      )
  }
}

const elements = { paragraph: 'p', quote: 'blockquote', strong: 'strong', emphasis: 'em', deleted: 'del', table: 'table', row: 'tr', head: 'th', cell: 'td' } as const

function Item(props: { readonly checked: boolean | null; readonly nodes: readonly MarkdownNode[] }) {
  return (
    <li classList={{ task: props.checked !== null }}>
      {props.checked === null ? null : <span class="tick" role="img" aria-label={props.checked ? 'done' : 'open'} classList={{ ticked: props.checked }} />}
      <div>
        <MarkdownNodes nodes={props.nodes} />
      </div>
    </li>
  )
}

/** A link shows where it leads; what is no page of ours and not the web is only text. */
function Link(props: { readonly url: string; readonly nodes: readonly MarkdownNode[] }) {
  const target = linkTargetOf(props.url)
  const text = <MarkdownNodes nodes={props.nodes} />
  switch (target.kind) {
    case 'page':
      return <A href={target.path}>{text}</A>
    case 'web':
      return (
        <>
          <a href={target.url} rel="noopener noreferrer external" target="_blank">
            {text}
          </a>{' '}
          <span class="link-target">({visible(target.url)})</span>
        </>
      )
    case 'none':
      return (
        <>
          {text} <span class="link-target">({visible(props.url)})</span>
        </>
      )
    default:
      return target satisfies never
  }
}
