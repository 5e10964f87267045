import { size as sizeOf } from '@signalbox/core/amounts'

export { ago, count, duration, shortId } from '@signalbox/core/amounts'

/** Returns the size of a change, with the true minus that a page has: `3 files +31 −5`; `unchanged` without files. */
export function size(change: Parameters<typeof sizeOf>[0]): string {
  return sizeOf(change, '−')
}
