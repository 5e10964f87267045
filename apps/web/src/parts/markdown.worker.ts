import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { readMarkdownTree } from '../words/markdown-tree.ts'

// Markdown comes from files anybody may have written. It is parsed here, where a slow one can be ended.
const processor = unified().use(remarkParse).use(remarkGfm).freeze()

self.addEventListener('message', ({ data }: MessageEvent<{ readonly id: number; readonly markdown: string }>) => {
  self.postMessage({ id: data.id, nodes: readMarkdownTree(processor.parse(data.markdown)) })
})
