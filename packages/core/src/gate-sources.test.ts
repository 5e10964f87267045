import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeableFacts, oid } from '../test/facts.ts'
import type { SourceFacts } from './gate-facts.ts'
import { findSourceBlockers } from './gate-sources.ts'
import type { SourceChange } from './source-change.ts'

const [was, is] = [oid('1'), oid('6')]
const made = { kind: 'commit', oid: is, alone: true } as const
const ref = (name: string, changes: Partial<SourceChange> = {}): SourceChange => ({ what: 'ref', name, before: was, after: is, evidence: made, ...changes })

function restoreOf(changes: readonly SourceChange[], now: Partial<SourceFacts> = {}): readonly string[] {
  return findSourceBlockers(mergeableFacts, { ...(mergeableFacts.sources[0] ?? never()), standing: changes, ...now }).flatMap(({ data }) => data['restore'] as readonly string[])
}

function never(): never {
  throw new Error('the facts have a source')
}

/** Returns the words that a real shell makes of each command. */
function wordsOf(commands: readonly string[]): readonly (readonly string[])[] {
  const script = commands.map((line) => `for word in ${line}; do printf '%s\\0' "$word"; done; printf '\\0'`).join('\n')
  const output = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', cwd: '/', env: { HOME: '/home/ada' } })
  return output.split('\0\0').slice(0, -1).map((words) => words.split('\0'))
}

describe('commands that put a source back', () => {
  it('say nothing to a shell but what they mean, whatever an agent called things and whatever refs stand for', () => {
    const nasty = fc.string({ unit: fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~ ".split(''), 'a', 'é'), minLength: 1 })
    const stands = fc.oneof(fc.constantFrom(null, was, is), nasty.map((text) => `ref: refs/heads/${text}`))
    const change = fc.record({ what: fc.constantFrom('ref' as const, 'stash' as const, 'head' as const), name: nasty.map((text) => `refs/heads/${text}`), before: stands, after: stands, evidence: fc.constantFrom(null, made) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const names = new Set(changes.map(({ name }) => name))
        const commands = restoreOf(changes).map((line) => line.replace(' -c core.hooksPath=/dev/null', ''))
        for (const [git, inside, path, command, ...words] of wordsOf(commands)) {
          expect([git, inside, path]).toEqual(['git', '-C', '/src/api'])
          expect(['update-ref', 'stash']).toContain(command)
          for (const word of words) expect(names.has(word) || /^(?:[0-9a-f]{40}|-d|store|-m|restored)$/.test(word)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
    expect(restoreOf([ref('refs/heads/a', { after: 'ref: refs/heads/a;id>${HOME}/pwn;b' })])).toEqual([])
  })

  it('are given for a ref only where all that is new in it is the run’s, and no worktree is on it', () => {
    expect(restoreOf([ref('refs/heads/other')])).toEqual([`git -C /src/api update-ref refs/heads/other ${was} ${is}`])
    expect(restoreOf([ref('refs/heads/new', { before: null })])).toEqual([`git -C /src/api update-ref -d refs/heads/new ${is}`])
    expect(restoreOf([ref('refs/heads/gone', { after: null, evidence: null })])).toEqual([`git -C /src/api -c core.hooksPath=/dev/null update-ref refs/heads/gone ${was} ${oid('0')}`])
    expect(restoreOf([ref('refs/heads/other')], { checkedOut: ['refs/heads/other'] })).toEqual([])
    expect(restoreOf([ref('refs/heads/other')], { checkedOut: undefined })).toEqual([])
    for (const evidence of [null, { ...made, alone: false }, { kind: 'command', command: 'commit' }] as const) expect(restoreOf([ref('refs/heads/other', { evidence }), ref('refs/heads/new', { before: null, evidence })])).toEqual([])
    const [blocker] = findSourceBlockers(mergeableFacts, { ...(mergeableFacts.sources[0] ?? never()), standing: [ref('refs/heads/other', { evidence: { ...made, alone: false } })] })
    expect(blocker?.remedy).toEqual({ sentence: expect.stringContaining('what is new in refs/heads/other may be yours, too') })
  })

  it('are all that is offered where the run has no checkout, for its edits cannot become part of it', () => {
    const file: SourceChange = { what: 'file', name: 'a.txt', before: null, after: `100644 ${is}`, evidence: { kind: 'bytes', oid: is } }
    const found = (foreign: boolean) => findSourceBlockers(mergeableFacts, { ...(mergeableFacts.sources[0] ?? never()), foreign, standing: [file] })[0]
    expect(found(false)).toMatchObject({ data: { takeable: true }, remedy: { sentence: expect.stringContaining('--take-escaped'), command: 'git -C /src/api stash push -u -- a.txt' } })
    expect(found(true)).toMatchObject({ code: 'run_escaped', data: { takeable: false }, remedy: { sentence: expect.not.stringContaining('--take-escaped'), command: 'git -C /src/api stash push -u -- a.txt' } })
    expect(found(true)?.remedy.sentence).toMatch(/is no repo of the run.*seal R\d+ --mine 'why'$/)
  })

  it('are none for what git has cleared away, which is said to be gone', () => {
    const stash: SourceChange = { what: 'stash', name: was, before: was, after: null, evidence: null }
    const look = (gone: readonly string[]) => findSourceBlockers(mergeableFacts, { ...(mergeableFacts.sources[0] ?? never()), gone, standing: [stash, ref('refs/heads/lost', { after: null, evidence: null })] })[0]?.remedy
    expect(look([])?.command).toBe(`git -C /src/api -c core.hooksPath=/dev/null stash store -m restored ${was} && git -C /src/api -c core.hooksPath=/dev/null update-ref refs/heads/lost ${was} ${oid('0')}`)
    expect(look([was])).toEqual({ sentence: expect.stringContaining(`stash ${was.slice(0, 10)}, refs/heads/lost (${was.slice(0, 10)}) cannot be put back`) })
  })

  it('take out of the index what the run put there anew, and leave to their eyes what was staged before', () => {
    const evidence = { kind: 'command', command: 'add' } as const
    const staged = (name: string, before: string | null): SourceChange => ({ what: 'index', name, before, after: `100644 ${is}`, evidence })
    expect(restoreOf([staged('a.txt', null), staged('*', null)])).toEqual(["git -C /src/api --literal-pathspecs restore --staged -- a.txt '*'"])
    expect(restoreOf([staged('b.txt', `100644 ${was}`), staged('c.txt (hidden)', null), { ...staged('d.txt', null), evidence: null }])).toEqual([])
    const [blocker] = findSourceBlockers(mergeableFacts, { ...(mergeableFacts.sources[0] ?? never()), standing: [staged('b.txt', `100644 ${was}`)] })
    expect(blocker?.remedy.sentence).toContain('what is staged of b.txt was staged otherwise before: look at it with git -C /src/api diff --cached')
  })

  it('stash files by their names, not what these would match', () => {
    const file = (name: string): SourceChange => ({ what: 'file', name, before: null, after: `100644 ${is}`, evidence: { kind: 'bytes', oid: is } })
    expect(restoreOf([file('a.txt')])).toEqual(['git -C /src/api stash push -u -- a.txt'])
    expect(restoreOf([file('*')])).toEqual(["git -C /src/api --literal-pathspecs stash push -u -- '*'"])
    expect(restoreOf([file(String.raw`dir/"caf\351.txt"`), file('a "b".txt')])).toEqual([`git -C /src/api stash push -u -- 'a "b".txt'`])
  })
})
