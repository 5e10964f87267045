import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = join(import.meta.dirname, '../dist')

/** One built file with its static imports, as the bundler's manifest names them. */
interface Chunk {
  readonly file: string
  readonly imports: readonly string[]
}

/** Returns the files of JavaScript that a browser loads for an entry, its static imports included. */
export function scriptsOf(entry: string): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'))
  const found = new Set<string>()
  const walk = (key: string): void => {
    const { file, imports } = readChunk(manifest, key)
    if (found.has(file)) return
    found.add(file)
    imports.forEach(walk)
  }
  walk(entry)
  return [...found]
}

/** Returns the sum of files' sizes as gzip sends them, in bytes. */
export function gzipped(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, 'client', file)), { level: 9 }).length, 0)
}

function readChunk(manifest: unknown, key: string): Chunk {
  const chunk = at(manifest, key)
  const file = at(chunk, 'file')
  const imports = at(chunk, 'imports') ?? []
  if (typeof file !== 'string' || !Array.isArray(imports)) throw new Error(`The manifest has no chunk ${key}`)
  return { file, imports: imports.map(String) }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
