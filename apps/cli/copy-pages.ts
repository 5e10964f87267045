import { cpSync, rmSync } from 'node:fs'
import { basename } from 'node:path'

/** The part of an esbuild plugin that is used here. */
interface Plugin {
  readonly name: string
  readonly setup: (build: { readonly onEnd: (callback: () => void) => void }) => void
}

/** Returns a plugin that lays built pages beside the bundle, where the bundled map of them looks; not what their build keeps for itself. */
export function copyPages(from: string, to: string): Plugin {
  const copy = (): void => {
    rmSync(to, { recursive: true, force: true })
    cpSync(from, to, { recursive: true, filter: (path) => !basename(path).startsWith('.') })
  }
  return { name: 'pages', setup: ({ onEnd }) => onEnd(copy) }
}
