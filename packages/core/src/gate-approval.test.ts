import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, greenReceipt, main, mergeableFacts, oid, web } from '../test/facts.ts'
import { commitsText } from './agent-history.ts'
import type { Receipt } from './check.ts'
import { approvalText } from './gate-approval.ts'
import { countingReceipts, receiptsText } from './gate-checks.ts'
import { branchNameSchema, oidSchema, parseRepoName, repoNameSchema, snapshotIdSchema } from './ids.ts'
import { taskRevisionText, type Scope } from './records.ts'
import type { Approval } from './run-event.ts'
import { digestText } from './snapshot.ts'

// Values from narrow pools, so that two of them often differ in one field only; texts that try to look like their neighbours.
const words = fc.constantFrom('', 'a', 'b', '"', '","', 'a","b', '\n', '\0', '\\', ' ', 'é', 'e\u0301', '\ud800', '[]', 'null', '- [ ] a')
const repos = fc.constantFrom(api, web, repoNameSchema.parse('api-2'), repoNameSchema.parse('1'))
const oids = fc.constantFrom('0', '1', 'f').map((digit) => oid(digit))
const branches = fc.constantFrom(main, branchNameSchema.parse('release/2'))

/** Returns the same value with the keys of every map in it the other way round. */
function turned<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(turned) as T
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, one]) => [key, turned(one)])) as T
}

/** Tells whether two values are the same whatever the order of their keys. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [keys, others] = [Object.keys(a).toSorted(), Object.keys(b).toSorted()]
  return Array.isArray(a) === Array.isArray(b) && keys.join('\0') === others.join('\0') && keys.every((key) => same(Reflect.get(a, key), Reflect.get(b, key)))
}

/** States that two values have the same text exactly when they are the same. */
function expectInjective<T>(arbitrary: fc.Arbitrary<T>, textOf: (value: T) => string, normal: (value: T) => unknown = (value) => value): void {
  const pair = fc.oneof(fc.tuple(arbitrary, arbitrary), fc.tuple(arbitrary, arbitrary, fc.nat()).map(([a, b, place]) => [a, crossed(a, b, place)] as const))
  fc.assert(
    fc.property(pair, ([a, b]) => {
      expect(textOf(a) === textOf(b)).toBe(same(normal(a), normal(b)))
      expect(textOf(turned(a))).toBe(textOf(a))
    }),
    { numRuns: 2_000 },
  )
}

/** Returns `a` with one field of `b`. */
function crossed<T>(a: T, b: T, place: number): T {
  if (typeof a !== 'object' || a === null || Array.isArray(a)) return b
  const key = Object.keys(a)[place % Object.keys(a).length] ?? ''
  return { ...a, [key]: Reflect.get(b as object, key) as unknown }
}

describe('approvalText', () => {
  const approvals: fc.Arbitrary<Omit<Approval, 'seal'>> = fc.record({
    snapshot: fc.constantFrom('R0031.s1', 'R0031.s2', 'R0003.s1').map((id) => snapshotIdSchema.parse(id)),
    digest: words,
    targetHeads: fc.dictionary(repos, oids, { maxKeys: 3 }),
    taskRevision: words,
    packetHash: words,
    receipts: words,
    by: words,
    at: words,
  })

  it('differs where anything differs that the approval binds, and nowhere else', () => {
    expectInjective(approvals, approvalText)
  })

  it('differs where anything differs of the yes that is carried over and of the commits, none of which is taken for another or for a waiver', () => {
    const carried = fc.record({ snapshot: fc.constantFrom('R0031.s1', 'R0031.s2').map((id) => snapshotIdSchema.parse(id)), digest: words, by: words, at: words })
    const optional = fc.record({ waivers: words, carriedFrom: carried, commits: words }, { requiredKeys: [] })
    const [sample] = fc.sample(approvals, { numRuns: 1, seed: 1 })
    if (sample === undefined) throw new Error('there is no sample')
    expectInjective(optional, (more) => approvalText({ ...sample, ...more }))
  })

  it('leaves out the seal, which is computed over it', () => {
    const value = mergeableFacts.approval?.value
    if (value === undefined) throw new Error('the sample facts are approved')
    const resealed = { ...value, seal: 'another' }
    expect(approvalText(resealed)).toBe(approvalText(value))
  })

  it('binds every field of an approval but the seal', () => {
    const value = mergeableFacts.approval?.value
    if (value === undefined) throw new Error('the sample facts are approved')
    const other: Omit<Approval, 'seal'> = { snapshot: snapshotIdSchema.parse('R0031.s9'), digest: 'x', targetHeads: {}, taskRevision: 'x', packetHash: 'x', receipts: 'x', by: 'x', at: 'x' }
    const texts = Object.entries(other).map(([key, field]) => approvalText({ ...value, [key]: field }))
    expect(new Set([approvalText(value), ...texts]).size).toBe(Object.keys(other).length + 1)
    expect(Object.keys(other).length).toBe(Object.keys(value).length - 1)
  })
})

describe('taskRevisionText', () => {
  const scopes: fc.Arbitrary<Scope> = fc.dictionary(repos, fc.array(words, { maxLength: 2 }), { maxKeys: 2 })
  const tasks = fc.record({
    title: words,
    baseBranch: fc.oneof(fc.constant(undefined), branches, fc.dictionary(repos, branches, { maxKeys: 2 })),
    repos: fc.array(repos, { maxLength: 2 }),
    scope: fc.option(scopes, { nil: undefined }),
    body: words,
  })
  const task = { title: 'Add a port', baseBranch: main, repos: [api], scope: undefined, body: '' }
  const textOf = (body: string): string => taskRevisionText({ ...task, body })

  it('differs where title, base_branch, repos, scope or body differ, and nowhere else', () => {
    expectInjective(tasks, taskRevisionText)
  })

  it.each(['- [ ] a', '* [ ] a', '+ [ ] a', '1. [ ] a', '12) [ ] a', '  - [ ] a', '\t- [ ] a', '> - [ ] a', '- 1. [ ] a', '- [ ] a\r\n- [ ] b\r', '-   [ ] a', '- [ ]', 'text\n\n\n- [ ] a\n- [ ] b\n'])(
    'does not see that %j was ticked',
    (body) => {
      for (const tick of ['x', 'X']) expect(textOf(body.replaceAll('[ ]', `[${tick}]`))).toBe(textOf(body))
    },
  )

  it.each([
    ['- [x] a', '- [x] b'],
    ['- [ ] a', '- a'],
    ['- [ ] a', '* [ ] a'],
    ['[ ] a', '[x] a'],
    ['a [ ] b', 'a [x] b'],
    ['- [ ](http://a)', '- [x](http://a)'],
    ['- [-] a', '- [x] a'],
    ['- [ ]\n', '- [ ]'],
  ])('sees that %j became %j', (before, after) => {
    expect(textOf(before)).not.toBe(textOf(after))
  })

  it('does not see any state of any box, and sees every other character', () => {
    const lines = fc.array(fc.record({ indent: fc.constantFrom('', '  ', '> '), mark: fc.constantFrom('-', '1.'), box: fc.constantFrom(' ', 'x', 'X'), text: fc.constantFrom('a', 'b', '[x] c', '') }))
    const bodyOf = (boxed: boolean) => (all: readonly { indent: string; mark: string; box: string; text: string }[]) => all.map(({ indent, mark, box, text }) => `${indent}${mark} [${boxed ? box : ' '}] ${text}`).join('\n')
    expectInjective(lines, (all) => textOf(bodyOf(true)(all)), bodyOf(false))
  })

  it('takes time in proportion to the body, also where there is nothing in it', () => {
    const before = performance.now()
    for (const body of ['\n', ' ', '> ', '- ', '- [', '1. ']) textOf(body.repeat(200_000))
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})

describe('digestText', () => {
  const saved = fc.uniqueArray(fc.record({ repo: repos, base: oids, tree: oids }), { selector: ({ repo }) => repo })
  const names = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/).map(parseRepoName).filter((name) => name !== undefined)

  it('differs where any repo, base or tree differs, and not by their order', () => {
    const byName = (value: readonly { repo: string }[]): unknown => Object.fromEntries(value.map((one) => [one.repo, one]))
    expectInjective(saved, digestText, byName)
    fc.assert(fc.property(saved, (value) => { expect(digestText(value.toReversed())).toBe(digestText(value)) }))
  })

  it('has one line per repo, sorted by bytes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(names), (all) => {
        const lines = all.map((repo) => Buffer.from(`${repo}\0${oid('1')}\0${oid('2')}\n`))
        expect(digestText(all.map((repo) => ({ repo, base: oid('1'), tree: oid('2') })))).toBe(Buffer.concat(lines.toSorted((a, b) => Buffer.compare(a, b))).toString())
      }),
    )
  })

  it('is fixed: approvals outlive versions', () => {
    const sha256 = oidSchema.parse('a'.repeat(64))
    expect(digestText([{ repo: web, base: oid('1'), tree: sha256 }, { repo: api, base: oid('3'), tree: oid('4') }])).toBe(`api\0${oid('3')}\0${oid('4')}\nweb\0${oid('1')}\0${sha256}\n`)
  })
})

describe('commitsText', () => {
  const kept = fc.uniqueArray(fc.record({ repo: repos, base: oids, commits: fc.array(oids, { maxLength: 3 }) }), { selector: ({ repo }) => repo })

  it('differs where any repo, base or commit differs, or their order, and not by the order of the repos', () => {
    expectInjective(kept, commitsText, (value) => Object.fromEntries(value.map((one) => [one.repo, one])))
    fc.assert(fc.property(kept, (value) => { expect(commitsText(value.toReversed())).toBe(commitsText(value)) }))
  })

  it('is fixed: approvals outlive versions', () => {
    expect(commitsText([{ repo: web, base: oid('1'), commits: [] }, { repo: api, base: oid('3'), commits: [oid('5'), oid('4')] }])).toBe(`api\0${oid('3')}\0${oid('5')}\0${oid('4')}\nweb\0${oid('1')}\n`)
  })
})

describe('receiptsText', () => {
  const receipts: fc.Arbitrary<Receipt> = fc.record({
    repo: repos,
    name: words,
    command: words,
    tree: oids,
    digest: words,
    exitCode: fc.constantFrom(null, 0, 1),
    voided: fc.option(words, { nil: null }),
    durationMs: fc.constant(1),
    at: fc.constant(''),
    outputTail: fc.constant(''),
  })
  const bound = ({ repo, name, command, tree, digest, exitCode, voided }: Receipt): string => JSON.stringify([repo, name, command, tree, digest, exitCode, voided])

  it('differs where a check, its tree or its outcome differs, and not by their order', () => {
    expectInjective(receipts, (one) => receiptsText([one]), bound)
    expectInjective(fc.array(receipts, { maxLength: 3 }), receiptsText, (all) => all.map(bound).toSorted())
    fc.assert(fc.property(fc.array(receipts), (all) => { expect(receiptsText(all.toReversed())).toBe(receiptsText(all)) }))
  })

  it('does not see when a check ran, how long it took or what it printed: a rerun with the same outcome keeps the approval', () => {
    expect(receiptsText([{ ...greenReceipt, at: 'later', durationMs: 9, outputTail: 'other' }])).toBe(receiptsText([greenReceipt]))
  })

  it('leaves out checks without a receipt', () => {
    expect(receiptsText([undefined, greenReceipt])).toBe(receiptsText([greenReceipt]))
    expect(receiptsText([undefined])).toBe('')
  })
})

describe('countingReceipts', () => {
  const check = { repo: api, name: 'test', command: 'npm test' }

  it('takes the last receipt of the same command on this snapshot for each check', () => {
    const red = { ...greenReceipt, exitCode: 1 }
    const others = [{ ...greenReceipt, digest: 'digest of s1' }, { ...greenReceipt, repo: web }, { ...greenReceipt, name: 'lint' }, { ...greenReceipt, command: 'true' }]
    expect(countingReceipts([check, { ...check, name: 'build' }], [greenReceipt, red, ...others], 'digest of s2')).toEqual([red, undefined])
  })
})
