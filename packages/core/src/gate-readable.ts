import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { block, type Blocker } from './gate-report.ts'

/** Tells whether every object of a saved change was seen to be there. */
export function isChangeReadable({ readable }: Pick<RepoFacts, 'readable'>): boolean {
  return readable.known && readable.value
}

/** Returns what speaks against a saved change that cannot be read. What other looks could not read of it, they need not say. */
export function findUnreadable(facts: GateFacts, repo: RepoFacts): Blocker[] {
  if (isChangeReadable(repo)) return []
  const { run, here, round } = facts
  const { repo: name, readable } = repo
  if (!here) {
    const because = `${run} was made on another one, or its state folder is gone`
    return [block('snapshot_missing', name, `${round?.id ?? run} of ${name} is not on this machine: ${because}`, { because }, { sentence: 'Review and land it on the machine that made it, or start a new run here' })]
  }
  if (!readable.known) {
    return [block('snapshot_missing', name, `The saved diff of ${name} cannot be read: ${readable.because}`, { because: readable.because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${run}` })]
  }
  const because = 'objects are missing from its vault, or damaged'
  return [block('snapshot_missing', name, `The saved diff of ${name} cannot be read: ${because}`, { because }, { sentence: 'Have it read again from the source or its workspace; where neither has it any more, start a new run', command: 'signalbox doctor --fix' })]
}
