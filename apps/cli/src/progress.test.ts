import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { withProgress } from './progress.ts'

/** What takes the moving line away again. */
const CLEAR = '\r\u001b[K'

/** A stream that claims to be a terminal and keeps what was written. */
function screen(isTTY: boolean): { readonly stream: PassThrough & { isTTY: boolean }; readonly text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY })
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { stream, text: () => text }
}

test.each([
  ['a wait of two seconds on a terminal shows what is awaited and leaves nothing behind', true, 2000, (text: string) => text.includes('⠋ sealing') && text.endsWith(CLEAR)],
  ['a wait of less than a second shows nothing', true, 900, (text: string) => text === ''],
  ['a pipe shows nothing, however long it takes', false, 5000, (text: string) => text === ''],
])('%s', async (_rule, isTTY, ms, expected) => {
  vi.useFakeTimers()
  try {
    const { stream, text } = screen(isTTY)
    const work = withProgress('sealing', new Promise((resolve) => setTimeout(() => resolve('done'), ms)), stream)
    await vi.advanceTimersByTimeAsync(ms)
    expect(await work).toBe('done')
    expect(text()).toSatisfy(expected)
  } finally {
    vi.useRealTimers()
  }
})
