import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { expect, test } from 'vitest'
import { readMarkdownTree, type MarkdownNode } from './markdown-tree.ts'

function read(markdown: string): readonly MarkdownNode[] {
  return readMarkdownTree(unified().use(remarkParse).use(remarkGfm).parse(markdown))
}

test('raw HTML is text', () => {
  expect(read('<img src=x onerror=alert(1)>')).toEqual([{ kind: 'text', text: '<img src=x onerror=alert(1)>' }])
})

test('an image is a link that says so', () => {
  expect(read('![a cat](https://cats.example/1.png)')).toEqual([{ kind: 'paragraph', children: [{ kind: 'link', url: 'https://cats.example/1.png', children: [{ kind: 'text', text: 'Image: a cat' }] }] }])
})

test('a reference finds its definition', () => {
  expect(read('[here][x]\n\n[x]: https://a.example/')).toEqual([{ kind: 'paragraph', children: [{ kind: 'link', url: 'https://a.example/', children: [{ kind: 'text', text: 'here' }] }] }])
})

test('headings go down one step at a time, for whoever listens to a page', () => {
  expect(read('## a\n#### b\n### c\n# d\n## e').map((node) => (node.kind === 'heading' ? node.depth : undefined))).toEqual([1, 2, 2, 1, 2])
})

test('acceptance lists keep their ticks', () => {
  expect(read('- [x] done\n- [ ] open')).toMatchObject([{ kind: 'list', children: [{ kind: 'item', checked: true }, { kind: 'item', checked: false }] }])
})

test('the first row of a table names its columns', () => {
  const kinds = read('| a | b |\n|---|---|\n| 1 | 2 |').flatMap((table) => (table.kind === 'table' ? table.children.map((row) => (row.kind === 'row' ? row.children.map(({ kind }) => kind) : [])) : []))
  expect(kinds).toEqual([['head', 'head'], ['cell', 'cell']])
})

test('depth alone does not break it', () => {
  expect(JSON.stringify(read(`${'> '.repeat(200)}deep`))).toContain('deep')
})
