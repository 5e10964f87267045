import type { GateReport } from '@signalbox/core'
import { count } from '../words/amounts.ts'

export type Strategy = 'squash' | 'merge'
type GateRepo = GateReport['repos'][number]

/**
 * Returns exactly what a landing does, by the strategy or, of a report that keeps the agent's commits, by those: "Land one commit (4 files, +31 −5) on api → main and one (1 file, +2) on
 * web → main. Nothing else."; undefined when no repo changes.
 */
export function landingSentence({ repos, kept }: Pick<GateReport, 'repos' | 'kept'>, strategy: Strategy = 'squash'): string | undefined {
  const landings = repos.filter(({ changed }) => changed).map((repo, at) => `${kept === undefined ? (at > 0 ? 'one' : strategy === 'squash' ? 'one commit' : 'one merge commit') : sayKept(repo, kept)} (${sizeOf(repo)}) on ${repo.repo} → ${repo.branch}`)
  return landings.length === 0 ? undefined : `Land ${listOf(landings)}. Nothing else.`
}

function sayKept({ repo }: GateRepo, { repos }: NonNullable<GateReport['kept']>): string {
  const { commits = [], rest = true } = repos.find((one) => one.repo === repo) ?? {}
  if (commits.length === 0) return 'one commit'
  return `${count(commits.length, 'commit')} of the agent${rest ? ' and one more' : ''}`
}

function sizeOf({ files, insertions, deletions }: GateRepo): string {
  const lines = [insertions > 0 ? `+${insertions}` : '', deletions > 0 ? `−${deletions}` : ''].filter((part) => part !== '').join(' ')
  return lines === '' ? count(files, 'file') : `${count(files, 'file')}, ${lines}`
}

/** Joins parts of a sentence: `a`, `a and b`, `a, b and c`. */
function listOf(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
