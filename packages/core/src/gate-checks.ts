import { isGreen, type Receipt } from './check.ts'
import type { ConfiguredCheck, GateFacts, RepoFacts } from './gate-facts.ts'
import { block, type Blocker } from './gate-report.ts'
import type { RunId, SnapshotId } from './ids.ts'

/**
 * Returns the receipt that counts for each configured check: the last one of the same command on exactly this snapshot.
 * `undefined` where a check has none.
 */
export function countingReceipts(checks: readonly ConfiguredCheck[], receipts: readonly Receipt[], digest: string): readonly (Receipt | undefined)[] {
  return checks.map((check) => receipts.findLast((receipt) => isOf(check, receipt) && receipt.digest === digest))
}

/** Returns the text whose sha256 an approval binds as its receipts. */
export function receiptsText(receipts: readonly (Receipt | undefined)[]): string {
  return receipts
    .filter((receipt) => receipt !== undefined)
    .map(({ repo, name, command, tree, digest, exitCode, voided }) => JSON.stringify([repo, name, command, tree, digest, exitCode, voided]))
    .toSorted()
    .join('\n')
}

/** Returns what the configured checks of the changed repos have against a merge. */
export function findCheckBlockers(facts: GateFacts, changed: readonly RepoFacts[]): Blocker[] {
  const { round, run } = facts
  if (round === undefined) return []
  if (!facts.checks.known) {
    return [block('facts_unavailable', undefined, `The configured checks could not be read: ${facts.checks.because}`, { because: facts.checks.because }, { sentence: 'Repair signalbox.yaml', command: 'signalbox doctor' })]
  }
  return facts.checks.value.flatMap((check) => {
    const repo = changed.find((candidate) => candidate.repo === check.repo)
    if (repo === undefined) return []
    const [counting] = countingReceipts([check], facts.receipts, round.digest)
    // The digest names the tree already; a receipt that contradicts itself must not count.
    const onThisTree = counting?.tree === repo.tree ? counting : undefined
    return judge({ check, counting: onThisTree, older: facts.receipts.some((receipt) => isOf(check, receipt)), round: round.id, run })
  })
}

interface JudgedCheck {
  readonly check: ConfiguredCheck
  readonly counting: Receipt | undefined
  /** Whether the check ran on anything at all. */
  readonly older: boolean
  readonly round: SnapshotId
  readonly run: RunId
}

function judge({ check, counting, older, round, run }: JudgedCheck): Blocker[] {
  const { repo, name, command } = check
  const data = { check: name, command }
  const rerun = { sentence: 'Run the checks on this round', command: `signalbox check ${run}` }
  if (counting === undefined) {
    return older
      ? [block('checks_stale', repo, `Check ${name} of ${repo} ran only for another tree than that of ${round}`, data, rerun)]
      : [block('checks_missing', repo, `Check ${name} of ${repo} has not run on ${round}`, data, rerun)]
  }
  if (isGreen(counting)) return []
  const how = counting.voided ?? (counting.exitCode === null ? 'it was ended before it finished' : `it exited ${counting.exitCode}`)
  return [
    block('checks_failed', repo, `Check ${name} of ${repo} failed on ${round}: ${how}`, { ...data, exitCode: counting.exitCode, voided: counting.voided, outputTail: counting.outputTail }, {
      sentence: 'Read its output; rerun it if the cause was outside the change, else start a new run',
      command: `signalbox check ${run}`,
    }),
  ]
}

function isOf(check: ConfiguredCheck, receipt: Receipt): boolean {
  return receipt.repo === check.repo && receipt.name === check.name && receipt.command === check.command
}
