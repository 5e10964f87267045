import { landingJournalSchema, type LandingJournal, type LandingStep } from '@signalbox/core'
import { expect, test } from 'vitest'
import { sidesToTry } from './landing-recover.ts'

function journalOf(kind: LandingJournal['kind'], steps: readonly LandingStep[]): LandingJournal {
  const commit = 'a'.repeat(40)
  const repos = steps.map((step, index) => ({ repo: `r${index}`, source: '/r', branch: 'main', from: commit, to: commit, tree: commit, checkout: null, step }))
  return landingJournalSchema.parse({ format: 1, run: 'R0001', kind, owner: { pid: 1, startTime: '', bootId: '' }, tag: 't', repos })
}

test.each<[LandingJournal['kind'], readonly LandingStep[], readonly string[]]>([
  ['merge', ['prepared', 'prepared'], ['from']],
  ['merge', ['publishing', 'prepared'], ['to', 'from']],
  ['merge', ['published', 'prepared'], ['to', 'from']],
  ['merge', ['published', 'published'], ['to', 'from']],
  ['merge', ['published', 'refused'], ['from', 'to']],
  ['merge', ['published', 'rolling_back'], ['from', 'to']],
  ['merge', ['rolled_back', 'prepared'], ['from', 'to']],
  ['merge', ['stuck', 'prepared'], ['to', 'from']],
  ['undo', ['published', 'published'], ['to']],
  ['undo', ['rolling_back', 'published'], ['from', 'to']],
  ['undo', ['rolled_back', 'rolled_back'], ['from', 'to']],
  ['undo', ['rolled_back', 'publishing'], ['to', 'from']],
])('an interrupted %s at %j is brought to the sides %j in this order', (kind, steps, sides) => {
  expect(sidesToTry(journalOf(kind, steps))).toEqual(sides)
})
