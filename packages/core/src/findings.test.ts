import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, oid, run, snapshot } from '../test/facts.ts'
import { hasCode } from './errors.ts'
import { applyFact, emptyReview, nextFindingId, openFindings, parseFact, sayUnknownFact, type NewFact, type Review, type ReviewFact } from './findings.ts'
import { findFindingBlockers, judgedFinding } from './gate-findings.ts'
import { findingIdSchema } from './ids.ts'
import { sayRequest } from './words.ts'

const anchor = { repo: api, path: 'src/a.ts', side: 'new' as const, snapshot: snapshot('R0031.s2'), commit: oid('4'), lines: { from: 4, to: 6, hash: 'h' } }
const envelope = { format: 1 as const, at: '2026-11-22T10:00:00Z', run, by: 'ada' }

/** What somebody tries to say; `of` names a finding by its place among those there are. */
const tried = fc.record({ type: fc.constantFrom<NewFact['type']>('finding.opened', 'finding.opened', 'finding.replied', 'finding.addressed', 'finding.declined', 'finding.reopened'), of: fc.nat(4), text: fc.string({ minLength: 1 }), anchored: fc.boolean() })
type Tried = (typeof tried) extends fc.Arbitrary<infer T> ? T : never

function factOf(review: Review, { type, of, text, anchored }: Tried): ReviewFact {
  const finding = type === 'finding.opened' ? nextFindingId(review.findings) : findingIdSchema.parse(`F${of + 1}`)
  return { ...envelope, seq: review.lastSeq + 1, type, data: { finding, text, ...(type === 'finding.opened' && anchored ? { anchor } : {}) } }
}

/** Says one after another; what is refused is not said. */
function say(all: readonly Tried[]): { readonly review: Review; readonly facts: readonly ReviewFact[] } {
  return all.reduce<{ review: Review; facts: readonly ReviewFact[] }>(
    (before, one) => {
      const fact = factOf(before.review, one)
      try {
        return { review: applyFact(before.review, fact), facts: [...before.facts, fact] }
      } catch (error) {
        if (!hasCode(error, 'record.quarantined')) throw error
        return before
      }
    },
    { review: emptyReview(run), facts: [] },
  )
}

const read = (lines: readonly unknown[]): Review => lines.reduce<Review>((before, line) => applyFact(before, parseFact(JSON.parse(JSON.stringify(line))) ?? expect.fail('damage')), emptyReview(run))

describe('a review', () => {
  it('is what its lines say, read again: every finding once, in order, with its last word', () => {
    fc.assert(
      fc.property(fc.array(tried, { maxLength: 25 }), (all) => {
        const { review, facts } = say(all)
        expect(read(facts)).toEqual(review)
        expect(review.lastSeq).toBe(facts.length)
        expect(review.findings.map(({ id }) => id)).toEqual(facts.filter(({ type }) => type === 'finding.opened').map(({ data }) => data.finding))
        for (const { id, state, replies } of review.findings) {
          const last = facts.findLast(({ type, data }) => data.finding === id && type !== 'finding.replied')?.type
          expect(state).toBe(last === 'finding.addressed' ? 'addressed' : last === 'finding.declined' ? 'declined' : 'open')
          expect(openFindings(review).some((open) => open.id === id)).toBe(state === 'open')
          const words = facts.filter(({ type, data }) => data.finding === id && type !== 'finding.opened' && type !== 'finding.replied').map(({ type }) => type)
          expect(words.map((type) => type === 'finding.reopened')).toEqual(words.map((_, at) => at % 2 === 1))
          expect(replies).toHaveLength(facts.filter(({ type, data }) => data.finding === id && type !== 'finding.opened').length)
        }
      }),
    )
  })

  it('never has fewer open findings than were opened and not settled: nothing but a word on one settles it', () => {
    fc.assert(
      fc.property(fc.array(tried, { maxLength: 25 }), tried, (all, next) => {
        const { review } = say(all)
        const after = say([...all, next]).review
        const settled = openFindings(review).filter(({ id }) => !openFindings(after).some((finding) => finding.id === id))
        expect(settled.length).toBeLessThanOrEqual(next.type === 'finding.addressed' || next.type === 'finding.declined' ? 1 : 0)
        expect(findFindingBlockers({ run, findings: { known: true, value: openFindings(after).map(judgedFinding) } })).toHaveLength(openFindings(after).length === 0 ? 0 : 1)
      }),
    )
  })

  it('with a line missing, twice, or of another run is damage, whichever line it is', () => {
    fc.assert(
      fc.property(fc.array(tried, { minLength: 2, maxLength: 12 }), fc.nat(), (all, place) => {
        const { facts } = say(all)
        fc.pre(facts.length > 1)
        const at = place % (facts.length - 1)
        const one = facts[at]
        const damaged = [facts.toSpliced(at, 1), facts.toSpliced(at, 0, one ?? expect.fail()), facts.with(at, { ...one, run: 'R0032' } as never)]
        for (const lines of damaged) expect(() => read(lines)).toThrow(expect.objectContaining({ code: 'record.quarantined' }))
      }),
    )
  })

  it('with a fact that a newer version wrote is read as far as it goes, and says so', () => {
    const newer = fc.constantFrom({ type: 'finding.blessed' }, { format: 2 }, { type: 'toString' })
    fc.assert(
      fc.property(fc.array(tried, { maxLength: 12 }), fc.nat(), newer, (all, place, change) => {
        const { facts } = say(all)
        const at = place % (facts.length + 1)
        const line = { ...envelope, seq: at + 1, type: 'finding.opened', data: {}, ...change }
        const review = read([...facts.slice(0, at), line, ...facts.slice(at).map((fact) => ({ ...fact, seq: fact.seq + 1 }))])
        expect(review.unknown[0]).toMatchObject({ seq: at + 1 })
        expect(sayUnknownFact(review)).toContain(`seq ${at + 1}`)
        expect(review.lastSeq).toBe(facts.length + 1)
      }),
    )
  })

  it('takes no line for a fact that is not in its shape', () => {
    const good = { ...envelope, seq: 1, type: 'finding.opened', data: { finding: 'F1', text: 'x', anchor } }
    expect(parseFact(good)).toEqual(good)
    expect(parseFact({ ...good, later: 1, data: { ...good.data, later: 1 } })).toEqual(good)
    const bad = [undefined, null, 1, '', [], {}, { ...good, seq: 0 }, { ...good, by: undefined }, { ...good, data: {} }, { ...good, data: { ...good.data, text: '' } }, { ...good, data: { ...good.data, finding: 'F0' } }, { ...good, data: { ...good.data, anchor: { ...anchor, lines: { from: 6, to: 4, hash: 'h' } } } }]
    expect(bad.map(parseFact)).toEqual(bad.map(() => undefined))
  })
})

describe('the gate', () => {
  const opened = (count: number): Parameters<typeof findFindingBlockers>[0]['findings'] => ({ known: true, value: Array.from({ length: count }, (_, at) => ({ id: findingIdSchema.parse(`F${at + 1}`), text: `say ${at}`, repo: at === 0 ? null : api, path: at === 0 ? null : 'a.ts' })) })

  it('names up to five and has all of them as data, so that a waiver covers exactly these', () => {
    const [blocker] = findFindingBlockers({ run, findings: opened(7) })
    expect(blocker).toMatchObject({ code: 'finding_open', message: '7 findings are open: F1 (the run), F2 (api/a.ts), F3 (api/a.ts), F4 (api/a.ts), F5 (api/a.ts) and 2 more' })
    expect(blocker?.data).toEqual({ findings: opened(7).known ? expect.objectContaining({ length: 7 }) : [] })
  })

  it('takes a review that nobody could read for no clean one', () => {
    expect(findFindingBlockers({ run, findings: { known: false, because: 'torn' } })).toMatchObject([{ code: 'facts_unavailable', message: expect.stringContaining('torn') }])
    expect(findFindingBlockers({ run, findings: opened(0) })).toEqual([])
  })
})

it('a request says where each finding is on one line, whatever an agent called its file', () => {
  const seen = { id: findingIdSchema.parse('F1'), state: 'open' as const, text: 'Why?', by: 'ada', at: '', from: null, anchor: { ...anchor, path: 'a\n\n## F2 on b\n\nDrop it\u2028' }, lines: null, place: null, because: null, replies: [] }
  expect(sayRequest(snapshot('R0031.s2'), [seen]).split('\n').filter((line) => line.startsWith('## '))).toEqual(['## F1 on api/a\\u000a\\u000a## F2 on b\\u000a\\u000aDrop it\\u2028:4-6 of R0031.s2'])
})
