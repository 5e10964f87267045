import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, greenReceipt, mergeableFacts, snapshot, web, withApproval, withCheckout, withRepo } from '../test/facts.ts'
import type { GateFacts } from './gate-facts.ts'
import type { Blocker } from './gate-report.ts'
import { blockersOfApproval, reportGate } from './gate.ts'
import { chooseBlockers, isWaivable, waivableCodes, waiverSchema, waiverText, type JudgedWaiver, type Waiver } from './waiver.ts'

const paths = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 })

/** Facts with every kind of waivable trouble, and trouble that nobody may waive beside it. */
const troubled: fc.Arbitrary<GateFacts> = fc
  .record({ offScope: paths, secret: paths, staged: paths, exitCode: fc.constantFrom(0, 1, 2), ran: fc.constantFrom('digest of s2', 'digest of s1', 'never'), approved: fc.boolean(), ended: fc.boolean() })
  .map(({ offScope, secret, staged, exitCode, ran, approved, ended }) => {
    const found = secret.map((path, index) => ({ path, line: index + 1, rule: 'github' }))
    const facts = withRepo({ offScope, secrets: { known: true, value: { found, unscanned: [] } } }, withCheckout({ staged }))
    return { ...facts, ended, receipts: ran === 'never' ? [] : [{ ...greenReceipt, digest: ran, exitCode }], approval: approved ? facts.approval : undefined }
  })

/** Returns a genuine waiver of a blocker, whatever its code: also one that no door would take. */
function waive(blocker: Blocker, changes: Partial<Waiver> = {}): JudgedWaiver {
  const { repo, message, data } = blocker
  const about = { ...(repo === undefined ? {} : { repo }), snapshot: snapshot('R0031.s2'), digest: 'digest of s2', message, data }
  return { value: { code: blocker.code as Waiver['code'], ...about, because: 'it is meant', by: 'ada', at: '2026-11-22T10:00:30Z', seal: 'seal', ...changes }, genuine: true }
}

const found = (facts: GateFacts): readonly Blocker[] => reportGate({ ...facts, waivers: [] }).blockers
const keyOf = ({ code, repo }: Pick<Blocker, 'code' | 'repo'>): string => `${code} ${repo ?? ''}`

describe('a waiver', () => {
  it('takes away exactly what was waived, and nothing that nobody may waive', () => {
    const seen = { waived: 0, kept: 0 }
    fc.assert(
      fc.property(troubled, (facts) => {
        const before = found(facts)
        const report = reportGate({ ...facts, waivers: before.map((blocker) => waive(blocker)) })
        expect(report.blockers).toEqual(before.filter(({ code }) => !isWaivable(code)))
        expect(report.waived.map(keyOf)).toEqual(before.filter(({ code }) => isWaivable(code)).map(keyOf))
        expect(report.verdict === 'mergeable').toBe(report.blockers.length === 0)
        seen.waived += report.waived.length
        seen.kept += report.blockers.length
      }),
    )
    expect(Math.min(seen.waived, seen.kept)).toBeGreaterThan(50)
  })

  it('does not cover more of the same, another round, another repo, or what was not given here', () => {
    const twists: readonly ((waiver: JudgedWaiver, blocker: Blocker) => JudgedWaiver)[] = [
      ({ value }, { data }) => ({ genuine: true, value: { ...value, data: { ...data, paths: ['z'], exitCode: 9, command: 'true' } } }),
      ({ value }) => ({ genuine: true, value: { ...value, digest: 'digest of s1' } }),
      ({ value }) => ({ genuine: true, value: { ...value, repo: undefined } }),
      ({ value }) => ({ genuine: false, value }),
    ]
    fc.assert(
      fc.property(troubled, fc.constantFrom(...twists), (facts, twist) => {
        const before = found(facts)
        const report = reportGate({ ...facts, waivers: before.map((blocker) => twist(waive(blocker), blocker)) })
        expect(report.blockers.map(keyOf)).toEqual(before.map(keyOf))
        expect(report.waived).toEqual([])
      }),
    )
  })

  it.each([
    ['another path off scope', withRepo({ offScope: ['a'] }), withRepo({ offScope: ['a', 'b'] })],
    ['another credential', withSecrets(3), withSecrets(3, 4)],
    ['a check that fails in another way', withExit(1), withExit(2)],
    ['a check that fails after it was missing', { ...mergeableFacts, receipts: [] }, withExit(1)],
  ])('lets %s block again', (_what, facts, larger) => {
    const waivers = found(facts).map((blocker) => waive(blocker))
    expect(reportGate({ ...facts, waivers }).verdict).toBe('mergeable')
    expect(reportGate({ ...larger, waivers })).toMatchObject({ verdict: 'blocked', waived: [], blockers: [{ repo: api }] })
  })

  it('holds whatever the order of keys its facts were written in', () => {
    const facts = withSecrets(3)
    const turned = found(facts).map((blocker) => waive(blocker, { data: Object.fromEntries(Object.entries(blocker.data).toReversed()) }))
    expect(reportGate({ ...facts, waivers: turned }).verdict).toBe('mergeable')
  })

  it('of one blocker that was seen is never of another, whatever the two share', () => {
    const parts = { repo: fc.constantFrom(undefined, api, web), check: fc.constantFrom('lint', 'test'), exitCode: fc.constantFrom(1, 2) }
    const red = fc.record(parts).map(({ repo, check, exitCode }): Blocker => ({ code: 'checks_failed', ...(repo === undefined ? {} : { repo }), message: 'm', data: { check, exitCode }, remedy: { sentence: '' } }))
    fc.assert(
      fc.property(fc.uniqueArray(red, { selector: (blocker) => JSON.stringify(blocker) }), red, (blockers, { repo, data }) => {
        const turned = Object.fromEntries(Object.entries(data).toReversed())
        const one = chooseBlockers(blockers, { code: 'checks_failed', repo, data: turned, because: 'x' })
        expect(one).toEqual(blockers.filter((blocker) => blocker.repo === repo && blocker.data['check'] === data['check'] && blocker.data['exitCode'] === data['exitCode']))
        expect(chooseBlockers(blockers, { code: 'checks_failed', because: 'x' })).toEqual(blockers)
        expect(chooseBlockers(blockers, { code: 'checks_failed', check: 'lint', because: 'x' })).toEqual(blockers.filter((blocker) => blocker.data['check'] === 'lint'))
      }),
    )
  })

  it('that is forged is named', () => {
    const facts = withSecrets(3)
    const forged = found(facts).map((blocker) => ({ ...waive(blocker, { by: 'eve' }), genuine: false }))
    expect(reportGate({ ...facts, waivers: forged }).blockers[0]?.message).toContain('The waiver recorded as by eve is not sealed with the key of this machine and does not count')
  })

  it('given after an approval makes that stale, and one before it lets it be given', () => {
    const facts = withRepo({ offScope: ['a'] })
    const given = { ...facts, waivers: found(facts).map((blocker) => waive(blocker)), waiversHash: 'waivers 1' }
    expect(reportGate(given).blockers).toMatchObject([{ code: 'approval_stale', data: { changes: ['the waivers differ'] } }])
    expect(blockersOfApproval(reportGate(given).blockers)).toEqual([])
    expect(reportGate(withApproval({ waivers: 'waivers 1' }, given)).verdict).toBe('mergeable')
    expect(reportGate(withApproval({ waivers: 'waivers 1' }, mergeableFacts)).blockers).toMatchObject([{ code: 'approval_stale' }])
  })

  it('is offered by the remedy of what may be waived, and only there', () => {
    fc.assert(
      fc.property(troubled, (facts) => {
        for (const { code, remedy } of found(facts)) expect(remedy.waive !== undefined).toBe(isWaivable(code))
      }),
    )
    expect(found(withRepo({ offScope: ['a'] }))[0]?.remedy).toMatchObject({ command: "signalbox waive R0031 scope_exceeded --repo api --because ''" })
    expect(found({ ...mergeableFacts, receipts: [] })[0]?.remedy).toMatchObject({ command: 'signalbox check R0031', waive: "signalbox waive R0031 checks_missing --repo api --check test --because ''" })
  })

  it('is about the work, never about the target or the snapshot', () => {
    for (const code of waivableCodes) expect(code).toMatch(/^(scope_exceeded|checks_.*|secret_found|reverts_landed_work|finding_open)$/)
  })

  it('is sealed with all it says', () => {
    const { seal: _seal, ...value } = waive({ code: 'scope_exceeded', repo: api, message: 'm', data: { paths: ['a'] }, remedy: { sentence: '' } }).value
    const keys = Object.keys(waiverSchema.shape).filter((key) => key !== 'seal')
    for (const key of keys) expect(waiverText({ ...value, [key]: key === 'data' ? { paths: ['b'] } : 'other' })).not.toBe(waiverText(value))
  })
})

function withSecrets(...lines: readonly number[]): GateFacts {
  return withRepo({ secrets: { known: true, value: { found: lines.map((line) => ({ path: 'a', line, rule: 'github' })), unscanned: [] } } })
}

function withExit(exitCode: number): GateFacts {
  return { ...mergeableFacts, receipts: [{ ...greenReceipt, exitCode }] }
}
