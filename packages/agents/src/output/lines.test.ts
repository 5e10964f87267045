import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLines, type Line } from './lines.ts'

test('lines are the same wherever the output is cut, whatever bytes are in it', async () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('{"a":1}\n', '\n', '\r\n', 'é€😀', '\ud800').map((text) => new TextEncoder().encode(text)))
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 12 }), async (pieces, cuts) => {
      const bytes = Buffer.concat(pieces)
      expect(await linesOf(cutAt(bytes, cuts))).toEqual(expectedOf(bytes))
    }),
    { numRuns: 300 },
  )
})

test('a line longer than the bound is told by its length, and the next one is whole', async () => {
  const lines = await linesOf([Buffer.from(`short\n${'x'.repeat(50)}`), Buffer.from('y\nnext\n')], 20)
  expect(lines).toEqual([{ kind: 'text', text: 'short' }, { kind: 'long', head: 'x'.repeat(20), bytes: 51 }, { kind: 'text', text: 'next' }])
})

test('a line of exactly the bound is kept', async () => {
  expect(await linesOf([Buffer.from('12345\n123456\n')], 5)).toEqual([{ kind: 'text', text: '12345' }, { kind: 'long', head: '12345', bytes: 6 }])
})

test('100 MB without a line end take no more memory than the bound', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  function* endless(): Generator<Uint8Array> {
    for (let count = 0; count < 100; count += 1) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      yield piece
    }
    yield Buffer.from('\n{}\n')
  }
  const lines = await linesOf(endless())
  expect(lines).toMatchObject([{ kind: 'long', bytes: 100 * 1024 * 1024 }, { kind: 'text', text: '{}' }])
  expect(most).toBeLessThan(50 * 1024 * 1024)
})

async function linesOf(pieces: Iterable<Uint8Array>, limit?: number): Promise<readonly Line[]> {
  async function* output(): AsyncGenerator<Uint8Array> {
    yield* pieces
  }
  const lines: Line[] = []
  for await (const line of readLines(output(), limit)) lines.push(line)
  return lines
}

function cutAt(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

function expectedOf(bytes: Buffer): readonly Line[] {
  const texts: string[] = []
  for (let rest = bytes; ; ) {
    const end = rest.indexOf(0x0a)
    texts.push(rest.subarray(0, end < 0 ? rest.length : end).toString('utf8').replace(/\r$/, ''))
    if (end < 0) break
    rest = rest.subarray(end + 1)
  }
  return texts.filter((text) => text.trim() !== '').map((text) => ({ kind: 'text', text }))
}
