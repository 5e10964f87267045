import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, git, removeTempDirs } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { listConfigKeys, listConfigValues } from './config-keys.ts'

afterAll(removeTempDirs)

const whole = `# comment [core] x = y
[core]
\tbare = false ; comment \\
\thooksPath = a\\
  b # c
[filter "e\\"v]il"] clean = "touch x; # not a comment"
  required
[a.b] C = 1
[remote "Origin"]
\turl = one
\turl = two
`

describe('listConfigKeys', () => {
  test('names what git itself names', () => {
    const file = join(createTempDir(), 'config')
    writeFileSync(file, whole.replace('; comment \\', '; comment'))
    const named = git('/', 'config', '--file', file, '--list', '--name-only', '-z').split('\0').filter((name) => name !== '')
    expect(listConfigKeys(whole.replace('; comment \\', '; comment')).map(([key]) => key).toSorted()).toEqual([...new Set(named)].toSorted())
  })

  test('reads the values that git itself reads', () => {
    const file = join(createTempDir(), 'config')
    const text = `${whole.replace('; comment \\', '; comment')}[include] path = "a b#c" ; d\n[core]\n\thooksPath = a\\tb\\\\c "d\\"e" \n\teditor = ""\n`
    writeFileSync(file, text)
    const values = git('/', 'config', '--file', file, '--list', '-z').split('\0').flatMap((entry) => (entry === '' ? [] : [[entry.split('\n')[0], entry.split('\n').slice(1).join('\n')]]))
    expect(listConfigValues(text)).toEqual(values)
  })

  test('gives the same for the same settings, however they are spaced and explained', () => {
    expect(listConfigKeys('[core]\n\tbare = false\n')).toEqual(listConfigKeys('# why\n[core]\n\n  bare =false\n[empty]\n'))
  })

  test('never loses a change: each text put in, in any place, that git would not ignore is seen', () => {
    const lines = whole.split('\n')
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.constantFrom('[core] fsmonitor = evil', 'fsmonitor = evil', '[include]\npath = x', '[', 'x = "', '[filter "lfs"] clean', '\ufeff[core]', '=', 'ä = 1', '[core] # c \\\nfsmonitor = evil', '# c \\\nfsmonitor = evil', '\u00a0'), (at, put) => {
        expect(listConfigKeys([...lines.slice(0, at), put, ...lines.slice(at)].join('\n'))).not.toEqual(listConfigKeys(whole))
      }),
    )
  })
})
