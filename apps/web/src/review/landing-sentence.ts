import type { GateReport } from '@signalbox/core'
import { count } from '../words/amounts.ts'

export type Strategy = 'squash' | 'merge'
type GateRepo = GateReport['repos'][number]

/**
 * Returns exactly what a landing does: "Land one commit (4 files, +31 −5) on api → main and one (1 file, +2) on
 * web → main. Nothing else."; undefined when no repo changes.
 */
export function landingSentence({ repos }: Pick<GateReport, 'repos'>, strategy: Strategy = 'squash'): string | undefined {
  const landings = repos.filter(({ changed }) => changed).map((repo, at) => `${at > 0 ? 'one' : strategy === 'squash' ? 'one commit' : 'one merge commit'} (${sizeOf(repo)}) on ${repo.repo} → ${repo.branch}`)
  return landings.length === 0 ? undefined : `Land ${listOf(landings)}. Nothing else.`
}

function sizeOf({ files, insertions, deletions }: GateRepo): string {
  const lines = [insertions > 0 ? `+${insertions}` : '', deletions > 0 ? `−${deletions}` : ''].filter((part) => part !== '').join(' ')
  return lines === '' ? count(files, 'file') : `${count(files, 'file')}, ${lines}`
}

/** Joins parts of a sentence: `a`, `a and b`, `a, b and c`. */
function listOf(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
