import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oid, run } from '../test/facts.ts'
import {
  decisionIdSchema,
  effortIdSchema,
  handoffIdSchema,
  noteIdSchema,
  parseBranchName,
  parseOid,
  parseRepoName,
  parseRunId,
  parseRunOrSnapshot,
  parseSnapshotId,
  parseTaskId,
  snapshotIdOf,
} from './ids.ts'

describe('ids', () => {
  it.each([
    ['T', 4, parseTaskId],
    ['R', 4, parseRunId],
    ['E', 3, (text: string) => effortIdSchema.safeParse(text).data],
    ['D', 4, (text: string) => decisionIdSchema.safeParse(text).data],
    ['N', 4, (text: string) => noteIdSchema.safeParse(text).data],
    ['H', 4, (text: string) => handoffIdSchema.safeParse(text).data],
  ] as const)('%s and at least %i digits', (letter, digits, parse) => {
    const zeros = '0'.repeat(digits - 1)
    for (const good of [`${letter}${zeros}1`, `${letter}${zeros}10`, `${letter}123456789`]) expect(parse(good)).toBe(good)
    const bad = ['', letter, `${letter}${zeros}`, `${letter.toLowerCase()}${zeros}1`, `X${zeros}1`, ` ${letter}${zeros}1`, `${letter}${zeros}1\n`, `${letter}-${zeros}1`, `${letter}${zeros}١`, `${letter}${zeros}1.s1`]
    for (const text of bad) expect(parse(text), text).toBeUndefined()
  })

  it('are texts, whatever else was given', () => {
    for (const value of [undefined, null, 147, {}, ['T0147'], true]) expect(parseTaskId(value)).toBeUndefined()
  })

  it('of snapshots name their run and count from 1', () => {
    expect(snapshotIdOf(run, 3)).toBe('R0031.s3')
    for (const good of ['R0031.s1', 'R10000.s12']) expect(parseSnapshotId(good)).toBe(good)
    for (const bad of ['R0031', 'R0031.s0', 'R0031.s01', 'R0031.s', 'R0031.s1.s2', 'R031.s1', 'R0031.S1', 'R0031s1', 'R0031.s-1', 'R0031.s1 ']) expect(parseSnapshotId(bad), bad).toBeUndefined()
    expect(() => snapshotIdOf(run, 0)).toThrow()
  })
})

describe('parseRunOrSnapshot', () => {
  it.each([
    ['R0031', { run: 'R0031', round: undefined }],
    ['R0031.s3', { run: 'R0031', round: 3 }],
    ['R12345.s10', { run: 'R12345', round: 10 }],
  ])('splits %s', (text, parts) => {
    expect(parseRunOrSnapshot(text)).toEqual(parts)
  })

  it.each(['', 'R0031.', 'R0031.s', 'R0031.s0', 'R0031.s3.s4', 'R0031.s3x', '.s3', 'R031.s3', 'T0147', 'R0031 .s3'])('refuses %j', (text) => {
    expect(parseRunOrSnapshot(text)).toBeUndefined()
  })

  it('reads back what snapshotIdOf writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (round) => {
        expect(parseRunOrSnapshot(snapshotIdOf(run, round))).toEqual({ run, round })
      }),
    )
  })
})

describe('repo names', () => {
  it('are 1 to 64 of a-z, 0-9 and -, and start with a letter or digit', () => {
    for (const good of ['a', '0', 'api', 'api-2', 'a'.repeat(64)]) expect(parseRepoName(good)).toBe(good)
    for (const bad of ['', '-api', 'Api', 'a_b', 'a.b', 'a/b', 'a b', 'é', 'a'.repeat(65), 'api\n', '..', '__proto__']) expect(parseRepoName(bad), bad).toBeUndefined()
  })

  it('are never what every object answers to, for maps are keyed by them', () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) expect(parseRepoName(name), name).toBeUndefined()
  })
})

describe('object ids', () => {
  it('are 40 or 64 hex digits', () => {
    for (const good of [oid('a'), 'f'.repeat(64)]) expect(parseOid(good)).toBe(good)
    for (const bad of ['', 'a'.repeat(39), 'a'.repeat(41), 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(40), 'g'.repeat(40), `${'a'.repeat(40)}\n`, 'HEAD']) expect(parseOid(bad), bad).toBeUndefined()
  })
})

describe('branch names', () => {
  it.each(['main', 'release/2', 'feature/a.b', 'ünï', 'a-b', 'a@b', '@a', 'a{b', 'x.lockx', 'HEAD2', 'refs/heads/main'])('accepts %s', (text) => {
    expect(parseBranchName(text)).toBe(text)
  })

  it.each(['', '-a', '/a', 'a/', 'a//b', 'a.', '.a', 'a/.b', 'a..b', 'a.lock', 'a.lock/b', 'a b', 'a\nb', 'a\u007fb', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[b', 'a\\b', 'a@{1}', '@', 'HEAD', 'a'.repeat(251)])('refuses %j', (text) => {
    expect(parseBranchName(text)).toBeUndefined()
  })

  it('accepts what git accepts, but for a leading dash, HEAD and @', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aH./-@{}~^:?*[\\ \n'.split(''), '.lock', 'HEAD', 'é'), minLength: 1, maxLength: 6 })
    for (const name of fc.sample(text, 250)) {
      const { status, error } = spawnSync('git', ['check-ref-format', `refs/heads/${name}`])
      if (error !== undefined) throw error
      const usable = status === 0 && !name.startsWith('-') && name !== 'HEAD' && name !== '@'
      expect(parseBranchName(name) !== undefined, JSON.stringify(name)).toBe(usable)
    }
  })
})
