import type { RunId } from '@signalbox/core'

/** Something a page should look at again. `id` is where to resume; undefined before the server named one. */
export type LiveSignal = { readonly id: string | undefined } & (
  | { readonly kind: 'run'; readonly run: RunId; readonly seq: number; readonly type: string }
  /** Files of the memory repo; empty when it is not known which. */
  | { readonly kind: 'records'; readonly paths: readonly string[] }
  | { readonly kind: 'transcript'; readonly run: RunId; readonly bytes: number }
  /** What was read before this may be old: read everything again. */
  | { readonly kind: 'reset' }
)

/**
 * Returns what a frame of the stream says. One that cannot be understood is a reset: something changed, and a newer
 * server knows what.
 */
export function readSignal(frame: { readonly event?: string | undefined; readonly data: string }, id: string | undefined): LiveSignal {
  const data = parseObject(frame.data)
  const { run, seq, type, bytes, paths } = data
  if (frame.event === 'transcript') return isRunId(run) && typeof bytes === 'number' ? { kind: 'transcript', run, bytes, id } : { kind: 'reset', id }
  if (frame.event !== undefined) return { kind: 'reset', id }
  if (type === 'records.changed' && isTexts(paths)) return { kind: 'records', paths, id }
  return isRunId(run) && typeof seq === 'number' && typeof type === 'string' ? { kind: 'run', run, seq, type, id } : { kind: 'reset', id }
}

/** By hand, not by schema: this runs in pages, which do without the schema library. */
function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // Not JSON: the caller takes what it cannot understand for a reset.
  }
}

function isRunId(value: unknown): value is RunId {
  return typeof value === 'string' && /^R\d{4,}$/.test(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
