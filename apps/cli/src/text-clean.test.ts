import { cleanReportSchema } from '@signalbox/core'
import { expect, test } from 'vitest'
import { plainLook } from './look.ts'
import { cleanText } from './text-clean.ts'

const look = plainLook(0)
const workspace = { run: 'R0001', path: '/state/workspaces/R0001', bytes: 21_200_000, standing: 'landed', action: 'removed', checkouts: [{ repo: 'api', changed: [], missing: [], refs: [], ignored: ['node_modules/', 'odd\u001b[31m'] }], reasons: [], pins: [{ repo: 'api', ref: 'refs/signalbox/pins/R0001/landing-1' }] }

test('a clean-up says what stays, why and what to do, what went with each workspace, and how much', () => {
  const report = cleanReportSchema.parse({
    dryRun: false,
    workspaces: [
      { ...workspace, run: 'R0003', bytes: null, standing: 'open', action: 'refused', pins: [], reasons: [{ code: 'work_unsaved', message: 'api changed since its round was sealed: a\u001b[31m.txt', remedy: 'Save it as a round: signalbox seal R0003' }] },
      workspace,
    ],
    checkFolders: [{ repos: ['api', 'web'], path: '/state/checks/api+web', bytes: 999, action: 'kept', because: 'T0002 would be checked there' }],
    freed: 21_200_000,
  })
  expect(cleanText(report, look)).toMatchInlineSnapshot(`
    "✗ R0003  refused, not landed  size unknown  /state/workspaces/R0001
      api changed since its round was sealed: a\\x1b[31m.txt
      → Save it as a round: signalbox seal R0003
    ✓ R0001  removed, landed  21.2 MB  /state/workspaces/R0001
      ignored in api, and so in no round: node_modules/, odd\\x1b[31m
      unpinned in api: refs/signalbox/pins/R0001/landing-1; a branch or tag keeps that commit
    - checks of api and web  kept  999 bytes  T0002 would be checked there

    Freed 21.2 MB. Rounds, logs and handoffs stay."
  `)
  expect(cleanText({ ...report, dryRun: true, freed: 0 }, look)).toContain('Would free 0 bytes')
  expect(cleanText({ ...report, workspaces: [], checkFolders: [] }, look)).toBe('There is nothing to remove')
})
