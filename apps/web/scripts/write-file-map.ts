// Writes the module a server asks which file answers which path: fixed when built, so that no request becomes a path.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const dist = join(import.meta.dirname, '../dist')
const client = join(dist, 'client')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

// What belongs to what is for our own measurements, not for browsers.
renameSync(join(client, '.vite/manifest.json'), join(dist, 'manifest.json'))
rmSync(join(client, '.vite'), { recursive: true })

const files = readdirSync(client, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(client.length))
  .toSorted()

/** Returns the line of one file: names under /assets/ carry a hash of the content, so they never mean anything else. */
function entryOf(path: string): string {
  const type = types[extname(path)]
  if (type === undefined) throw new Error(`${path} has no known type; name it in this script`)
  return `  [${JSON.stringify(path)}, { type: ${JSON.stringify(type)}, file: fileOf(${JSON.stringify(`.${path}`)}), immutable: ${path.startsWith('/assets/')} }],`
}

mkdirSync(dist, { recursive: true })
writeFileSync(
  join(dist, 'index.js'),
  `import { fileURLToPath } from 'node:url'

const client = new URL('./client/', import.meta.url)
const fileOf = (path) => fileURLToPath(new URL(path, client))

export const webFiles = new Map([
${files.map(entryOf).join('\n')}
])
`,
)
writeFileSync(
  join(dist, 'index.d.ts'),
  `/** One built file: its content type, its absolute path, and whether its path never means other content. */
export interface WebFile {
  readonly type: string
  readonly file: string
  readonly immutable: boolean
}

/** The built pages by the path they are asked for at, such as \`/index.html\` or \`/assets/index-1a2b.js\`. */
export declare const webFiles: ReadonlyMap<string, WebFile>
`,
)
