import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { decidePermission, permissionPolicySchema, type MatchPath, type PermissionFacts, type PermissionRule } from './permission.ts'

/** A glob of these tests is a folder with `/**`, or a path. */
const matches: MatchPath = (globs, path) => globs.some((glob) => (glob.endsWith('/**') ? path.startsWith(glob.slice(0, -2)) : glob === path))
const call: PermissionFacts = { kind: 'execute', command: 'npm test', paths: [], outside: false, own: false, confined: false }

function decide(facts: Partial<PermissionFacts>, ...rules: readonly PermissionRule[]): string {
  return decidePermission(permissionPolicySchema.parse({ rules }), { ...call, ...facts }, matches).decision
}

describe('without a rule', () => {
  it.each([
    ['a look in the workspace', { kind: 'read', command: null, paths: ['api/a.ts'] }, 'allow'],
    ['a look outside of it', { kind: 'read', command: null, paths: [], outside: true }, 'ask'],
    ['an edit in the workspace', { kind: 'edit', command: null, paths: ['api/a.ts'] }, 'allow'],
    ['an edit of who knows what', { kind: 'edit' }, 'ask'],
    ['an edit outside', { kind: 'edit', paths: ['api/a.ts'], outside: true }, 'ask'],
    ['a command', {}, 'ask'],
    ['a command that calls itself a look', { kind: 'read', command: 'rm -rf .' }, 'ask'],
    ['a command that calls itself an edit', { kind: 'edit', command: 'rm -rf .', paths: ['api/a.ts'] }, 'ask'],
    ['a command in a sandbox', { confined: true }, 'allow'],
    ['a tool of ours', { kind: 'other', own: true }, 'allow'],
    ['what nobody knows', { kind: 'other' }, 'ask'],
    ['a fetch', { kind: 'fetch' }, 'ask'],
  ] as const)('%s', (_name, facts, decision) => {
    expect(decide(facts)).toBe(decision)
  })
})

describe('a rule about commands', () => {
  const allowTests: PermissionRule = { decision: 'allow', command: ['npm test*', 'git status'] }
  it.each(['npm test', 'npm test -- a.test.ts', 'npm testing', 'git status'])('that allows is about %j', (command) => {
    expect(decide({ command }, allowTests)).toBe('allow')
  })
  it.each(['npm test && rm -rf /', 'npm test; id', 'npm test | sh', 'npm test $(id)', 'npm test `id`', 'npm test > /etc/x', 'npm test\nid', 'npm test & id', 'npm test ${IFS}', 'sh -c "npm test"', 'git status -s', ''])('that allows is not about %j', (command) => {
    expect(decide({ command }, allowTests)).toBe('ask')
  })
  it('is about a command word for word, however compound, where it is written so', () => {
    expect(decide({ command: 'cd api && npm test' }, { decision: 'allow', command: 'cd api && npm test' })).toBe('allow')
  })
  it.each(['rm -rf x', 'true && rm -rf x', 'true; rm x', 'echo $(rm x)', 'echo `rm x`', '(rm x)', 'true\nrm x'])('that denies finds %j in a compound', (command) => {
    expect(decide({ command }, { decision: 'deny', command: 'rm *' }, { decision: 'allow' })).toBe('deny')
  })
})

describe('a rule about paths', () => {
  const allowDocs: PermissionRule = { decision: 'allow', kind: 'edit', path: 'api/docs/**' }
  it('that allows needs every path in it', () => {
    expect(decide({ kind: 'edit', paths: ['api/docs/a.md'] }, allowDocs, { decision: 'deny' })).toBe('allow')
    expect(decide({ kind: 'edit', paths: ['api/docs/a.md', 'api/src/b.ts'] }, allowDocs, { decision: 'deny' })).toBe('deny')
    expect(decide({ kind: 'edit', paths: [] }, allowDocs, { decision: 'deny' })).toBe('deny')
    expect(decide({ kind: 'edit', paths: ['api/docs/a.md'], outside: true }, allowDocs, { decision: 'deny' })).toBe('deny')
  })
  it('that holds back needs one', () => {
    expect(decide({ kind: 'edit', paths: ['web/a.ts', 'api/.github/ci.yml'] }, { decision: 'ask', path: 'api/.github/**' })).toBe('ask')
  })
})

it('decides by the first rule that is about the call, and says which', () => {
  const rules: readonly PermissionRule[] = [{ decision: 'deny', kind: 'fetch' }, { decision: 'allow', kind: 'execute' }, { decision: 'deny' }]
  expect(decidePermission(permissionPolicySchema.parse({ rules }), call, matches)).toEqual({ decision: 'allow', because: 'rule 2 of the policy says so' })
})

it('refuses a rule about paths and commands at once, and one with a key it does not know', () => {
  expect(permissionPolicySchema.safeParse({ rules: [{ decision: 'allow', path: 'a', command: 'b' }] }).success).toBe(false)
  expect(permissionPolicySchema.safeParse({ rules: [{ decision: 'allow', commands: 'npm' }] }).success).toBe(false)
})

test('no text after an allowed command makes a shell do more than the pattern names', () => {
  const shellWords = fc.stringMatching(/^[a-z;&|$`(){}<>\n\\ '"-]{1,20}$/)
  fc.assert(
    fc.property(shellWords, (rest) => {
      const decision = decide({ command: `npm test ${rest}` }, { decision: 'allow', command: 'npm test*' })
      if (/[;&|$`<>\n\\(){}]/.test(rest.trim())) expect(decision).toBe('ask')
    }),
    { numRuns: 500 },
  )
})
