import { createSignal } from 'solid-js'

const storageKey = 'read-files'

/** Marks that are kept: the oldest are forgotten first. A mark is about 30 bytes, and a browser keeps 5 million. */
const MOST_MARKS = 5_000

/**
 * Which files a human has read, by what was in them: a file that changes again is unread again, one that comes back
 * unchanged in the next round stays read. Kept by this browser only; nothing is decided by it.
 */
export function createReadMarks(storage: Pick<Storage, 'getItem' | 'setItem'>) {
  const [marks, setMarks] = createSignal<ReadonlySet<string>>(parseMarks(storage.getItem(storageKey)))
  return {
    has: (key: string): boolean => marks().has(digestOf(key)),
    set: (key: string, read: boolean): void => {
      const kept = new Set(marks())
      kept.delete(digestOf(key))
      if (read) kept.add(digestOf(key))
      const newest = [...kept].slice(-MOST_MARKS)
      setMarks(new Set(newest))
      try {
        storage.setItem(storageKey, JSON.stringify(newest))
      } catch {
        // Storage is full or forbidden: the marks hold for as long as the page.
      }
    },
  }
}

export type ReadMarks = ReturnType<typeof createReadMarks>

function parseMarks(text: string | null): ReadonlySet<string> {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return new Set(Array.isArray(value) ? value.filter((mark) => typeof mark === 'string') : [])
  } catch {
    return new Set() // Somebody else wrote there: nothing was read.
  }
}

/** 53 bits of a content key, which holds the content's own ids: enough that marks do not meet by chance. */
function digestOf(key: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36)
}
