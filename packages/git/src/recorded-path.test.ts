import { describe, expect, it } from 'vitest'
import { readRecordedPath, recordPath } from './recorded-path.ts'

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

describe('recordPath', () => {
  it.each([
    ['a.txt', 'a.txt'],
    [latin1('dir/ünï "code".txt'), 'dir/ünï "code".txt'],
    ['dir/caf\u00e9.txt', String.raw`dir/"caf\351.txt"`],
    ['d\u00e9p/', String.raw`"d\351p"/`],
    ['caf\u00ea.txt', String.raw`"caf\352.txt"`],
    [String.raw`"caf\351.txt"`, String.raw`"\"caf\\351.txt\""`],
    ['a\n\u00ff\\', String.raw`"a\012\377\\"`],
  ])('names %j so that it can be read and is found again', (path, name) => {
    expect(recordPath(path)).toBe(name)
    expect(readRecordedPath(name)).toBe(path)
  })
})
