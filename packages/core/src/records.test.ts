import { describe, expect, it } from 'vitest'
import { api, main, oid, web } from '../test/facts.ts'
import { receiptSchema, isGreen } from './check.ts'
import { configSchema } from './config.ts'
import { branchNameSchema } from './ids.ts'
import { baseBranchOf, fieldsSchemas, recordKinds, recordLayout, taskSchema, type RecordKind } from './records.ts'

/** The least that each kind needs in its file. */
const least = {
  task: { id: 'T0147', title: 'Add a port', status: 'ready' },
  effort: { id: 'E012', title: 'Ports' },
  decision: { id: 'D0031', title: 'One block per run' },
  note: { id: 'N0088', title: 'Ports are scarce' },
  handoff: { id: 'H0061', task: 'T0147', at: '2026-11-22T10:00:00Z', by: 'ada', what: 'Half', evidence: {}, next: 'The rest' },
} as const satisfies Record<RecordKind, object>

describe('defaults', () => {
  it.each([
    ['task', { repos: [], dependsOn: [], priority: 3, labels: [], links: [], aliases: [] }],
    ['effort', { status: 'active', repos: [], links: [] }],
    ['decision', { status: 'accepted', repos: [], links: [] }],
    ['note', { repos: [], links: [] }],
    ['handoff', { evidence: { changed: [], validation: [] }, blocker: null }],
  ] as const)('a %s needs little', (kind, defaults) => {
    expect(fieldsSchemas[kind].parse(least[kind])).toEqual({ ...least[kind], ...defaults })
  })

  it.each(recordKinds)('a %s needs all of that', (kind) => {
    for (const key of Object.keys(least[kind])) {
      const without = Object.fromEntries(Object.entries(least[kind]).filter(([name]) => name !== key))
      expect(fieldsSchemas[kind].safeParse(without).success, key).toBe(false)
    }
  })

  it('keeps ids, folders and letters together', () => {
    for (const kind of recordKinds) {
      const { folder, letter, digits } = recordLayout[kind]
      expect(folder).toBe(`${kind}s`)
      expect(fieldsSchemas[kind].safeParse({ ...least[kind], id: `${letter}${'1'.padStart(digits, '0')}` }).success).toBe(true)
      expect(fieldsSchemas[kind].safeParse({ ...least[kind], id: `${letter}${'1'.padStart(digits - 1, '0')}` }).success).toBe(false)
    }
  })
})

describe('bad types', () => {
  it.each([
    ['task', { title: '' }],
    ['task', { title: 147 }],
    ['task', { id: 'T147' }],
    ['task', { id: 147 }],
    ['task', { status: 'open' }],
    ['task', { priority: 0 }],
    ['task', { priority: 5 }],
    ['task', { priority: 1.5 }],
    ['task', { priority: '1' }],
    ['task', { repos: 'api' }],
    ['task', { repos: ['Api'] }],
    ['task', { base_branch: 'main', baseBranch: '-x' }],
    ['task', { baseBranch: ['main'] }],
    ['task', { baseBranch: { api: 'a b' } }],
    ['task', { baseBranch: { 'a/b': 'main' } }],
    ['task', { baseBranch: null }],
    ['task', { scope: { api: 'src/**' } }],
    ['task', { scope: { api: [''] } }],
    ['task', { scope: ['src/**'] }],
    ['task', { dependsOn: ['R0001'] }],
    ['task', { effort: 'E12' }],
    ['task', { labels: [1] }],
    ['effort', { status: 'ready' }],
    ['decision', { status: 'done' }],
    ['decision', { date: 20_261_122 }],
    ['note', { links: 'D0031' }],
    ['handoff', { run: 'T0147' }],
    ['handoff', { blocker: 3 }],
    ['handoff', { evidence: { validation: [{ kind: 'rumour', text: 'green' }] } }],
    ['handoff', { evidence: { changed: [{ repo: 'api', files: [], insertions: -1, deletions: 0 }] } }],
  ] as const)('a %s refuses %j', (kind, change) => {
    expect(fieldsSchemas[kind].safeParse({ ...least[kind], ...change }).success).toBe(false)
  })

  it('names the key that is wrong', () => {
    const result = fieldsSchemas.task.safeParse({ ...least.task, scope: { api: [''] } })
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['scope', 'api', 0]])
  })
})

it('a repo that is named twice is one', () => {
  expect(fieldsSchemas.task.parse({ ...least.task, repos: ['api', 'web', 'api'] }).repos).toEqual(['api', 'web'])
})

describe('a record with its file', () => {
  it('needs path, hash and body', () => {
    const file = { path: 'tasks/T0147-add-a-port.md', hash: 'a'.repeat(64), body: '\nWhy\n' }
    expect(taskSchema.parse({ ...least.task, ...file })).toMatchObject(file)
    expect(taskSchema.safeParse(least.task).success).toBe(false)
  })
})

describe('baseBranchOf', () => {
  const release = branchNameSchema.parse('release/2')

  it.each([
    ['none', {}, 'main', 'main'],
    ['one for all', { baseBranch: release }, 'release/2', 'release/2'],
    ['one per repo', { baseBranch: { [web]: release } }, 'main', 'release/2'],
    ['an empty map', { baseBranch: {} }, 'main', 'main'],
  ] as const)('with %s', (_why, task, ofApi, ofWeb) => {
    expect(baseBranchOf(task, api, main)).toBe(ofApi)
    expect(baseBranchOf(task, web, main)).toBe(ofWeb)
  })
})

describe('signalbox.yaml', () => {
  it('needs its format only', () => {
    expect(configSchema.parse({ format: 1 })).toEqual({
      format: 1,
      repos: {},
      agents: {},
      homes: { otherwise: 'auto', agents: {} },
      policy: { untracked: 'all' },
      limits: { minutes: 60, checkMinutes: 15 },
      checkpoints: { take: 'auto', restSeconds: 5, busySeconds: 120, secondsBetween: 30, keep: 20 },
      sandbox: { network: 'allow', write: [] },
      permissions: { rules: [], otherwise: 'ask' },
      quota: { retries: 3, waitMinutes: 5, longestMinutes: 360 },
      memory: { commit: 'each' },
    })
    expect(configSchema.parse({ format: 1, repos: { api: { baseBranch: 'main' } } }).repos[api]).toEqual({ baseBranch: 'main', setup: [], files: [], checks: {} })
  })

  it.each([
    {},
    { format: 0 },
    { format: '1' },
    { format: 1, repos: { api: {} } },
    { format: 1, repos: { API: { baseBranch: 'main' } } },
    { format: 1, repos: { api: { baseBranch: 'main', checks: { 'a b': 'true' } } } },
    { format: 1, repos: { api: { baseBranch: 'main', checks: { test: '' } } } },
    { format: 1, repos: { api: { baseBranch: 'main', setup: 'npm ci' } } },
    { format: 1, policy: { untracked: 'none' } },
    { format: 1, limits: { minutes: 0 } },
    { format: 1, memory: { commit: 'never' } },
  ])('refuses %j', (value) => {
    expect(configSchema.safeParse(value).success).toBe(false)
  })
})

describe('isGreen', () => {
  const receipt = receiptSchema.parse({ repo: 'api', name: 'test', command: 'true', tree: oid('2'), digest: 'd', exitCode: 0, durationMs: 1, at: '', voided: null, outputTail: '' })

  it('is an exit of 0 that was not voided', () => {
    expect(isGreen(receipt)).toBe(true)
    for (const change of [{ exitCode: 1 }, { exitCode: null }, { voided: 'it changed the tree' }, { voided: '' }]) expect(isGreen({ ...receipt, ...change })).toBe(false)
  })
})
