import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { api, greenReceipt, main, oid, snapshot, web } from '../test/facts.ts'
import { writePullRequest, type PullRequestFacts } from './pull-request.ts'

const saved = { base: oid('1'), commit: oid('4'), missing: [], insertions: 31, deletions: 5 }
const facts: PullRequestFacts = {
  task: { id: 'T0147', title: 'Add a durable base branch' },
  run: { id: 'R0031', agent: 'demo' },
  round: { id: snapshot('R0031.s2'), kind: 'round', complete: true, digest: 'd', repos: [{ ...saved, repo: api, tree: oid('2'), files: 2 }, { ...saved, repo: web, tree: oid('3'), files: 1 }] },
  approval: { by: 'Ada <ada@example.org>', at: '2026-11-22T10:01:00Z' },
  repo: { repo: api, url: 'https://example.org/api', target: main, from: null, to: oid('5'), pushed: true, pullRequest: null },
  what: 'R0031 (demo) completed',
  receipts: [greenReceipt],
  waived: [{ code: 'scope_exceeded', repo: api, message: 'api changes 1 path outside', because: 'it belongs there', by: 'Ada', at: '2026-11-22T10:00:00Z' }],
}

test('a pull request says what, evidence, receipts and what was waived', () => {
  expect(writePullRequest(facts)).toEqual({
    title: 'Add a durable base branch (T0147)',
    body: `\`R0031.s2\` by \` demo \` for T0147, approved by \` Ada <ada@example.org> \` at 2026-11-22T10:01:00Z. It belongs together with a change of \` web \`.

### What

\` R0031 (demo) completed \`

### Changed

- \` api \`: 2 files +31 -5
- \` web \`: 1 file +31 -5

### Checked, on exactly this tree

- \` api \` \` test \`: passed (\` npm test \`)

### Waived by a human

- \`scope_exceeded\` of \` api \`: \` api changes 1 path outside \`, because \` it belongs there \` (\` Ada \`)

The commit is \`${oid('5')}\`; \`Signalbox-\` trailers in it name task, run, snapshot and approver.
`,
  })
})

test('a pull request does not take a check that was waived for one that nobody asked for', () => {
  expect(writePullRequest({ ...facts, receipts: [] }).body).toContain('### Checked, on exactly this tree\n\nNo check ran on it.\n')
})

test('nothing an agent writes gets out of its code span: it closes no issue, mentions nobody and begins no heading', () => {
  const hostile = fc.oneof(fc.string({ unit: fc.constantFrom('`', '``', '\n', '\r\n', '# ', '@all', 'Fixes #1', ' ', '\u2028', '\u202e', '\u0000', '\ud800', 'x') }), fc.string({ unit: 'binary', maxLength: 3_000 }))
  fc.assert(
    fc.property(hostile, hostile, (what, name) => {
      const plain = writePullRequest({ ...facts, what: 'w', receipts: [{ ...greenReceipt, name: 'n' }] }).body
      const { body } = writePullRequest({ ...facts, what, receipts: [{ ...greenReceipt, name }] })
      expect(withoutSpans(body)).toBe(withoutSpans(plain))
    }),
  )
})

/** Takes code spans out of every line as CommonMark reads them: a run of backticks ends at the next run of the same length. */
function withoutSpans(body: string): string {
  return body.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '<code>')
}
