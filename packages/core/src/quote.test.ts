import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote } from './quote.ts'

/** Returns the words that a real shell makes of a command line. */
function wordsOf(line: string): readonly string[] {
  const output = execFileSync('/bin/sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8', cwd: '/', env: { HOME: '/home/ada', x: 'expanded' } })
  return output.split('\0').slice(0, -1)
}

describe('quote', () => {
  it('makes one word of any text, whatever the shell would do with it', () => {
    const nasty = fc.string({ unit: fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~=:%@+,.-/ \t\n\r\u001b".split(''), 'a', 'x', 'é', '漢', '😀') })
    const plain = fc.string({ unit: 'binary' }).filter((text) => !/\0|[\ud800-\udfff]/.test(text))
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, plain), { minLength: 1, maxLength: 40 }), (texts) => {
        expect(wordsOf(texts.map(quote).join(' '))).toEqual(texts)
      }),
      { numRuns: 60 },
    )
  })

  it.each(['', '~', '~/x', '*', '/*', '$x', '$(id)', '`id`', "it's", "''", '"', '\\', 'a b', '#x', '-n', '{a,b}', 'a\nb', '!', 'x=1', '/src/api'])('makes one word of %j', (text) => {
    expect(wordsOf(quote(text))).toEqual([text])
  })

  it('leaves a plain path as people write it', () => {
    expect(quote('/home/ada/code/api-2_v1.0')).toBe('/home/ada/code/api-2_v1.0')
  })
})
