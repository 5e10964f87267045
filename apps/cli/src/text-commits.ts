import type { AgentCommit, RunCommits } from '@signalbox/core'
import type { Look } from './look.ts'
import { table } from './table.ts'
import { ago, blocks, count, shortId, size } from './text-parts.ts'
import { visible } from './untrusted.ts'

/** One line of the list: a commit, or what is in none. */
type Row = Pick<AgentCommit, 'files' | 'insertions' | 'deletions'> & { readonly name: string; readonly subject: string; readonly by: string }

/** Returns the agent's own commits, oldest first, grouped by repo. All their text is the agent's. */
export function commitsText({ repos }: RunCommits, look: Look): string {
  return blocks(...repos.map((repo) => repoText(repo, look)))
}

function repoText({ repo, commits, rest, unfit }: RunCommits['repos'][number], look: Look): string {
  const { ink } = look
  if (unfit !== null) return `${ink.bold(repo)}  ${ink.yellow(`cannot land as they are: ${visible(unfit)}`)}`
  const rows: readonly Row[] = [
    ...commits.map(({ oid, subject, author, at, ...counts }) => ({ ...counts, name: shortId(oid), subject: subject === '' ? '(no subject)' : subject, by: `${author}, ${ago(at, look.now)}` })),
    ...(rest === null ? [] : [{ ...rest, name: 'rest', subject: commits.length === 0 ? 'nothing is committed' : 'what is in no commit', by: '' }]),
  ]
  const head = `${ink.bold(repo)}  ${ink.dim(rows.length === 0 ? 'unchanged' : count(commits.length, 'commit'))}`
  if (rows.length === 0) return head
  const list = table(
    rows,
    [
      { title: 'COMMIT', text: ({ name }) => name, dress: ink.bold },
      { title: 'SIZE', text: (row) => size(row) },
      { title: 'SUBJECT', text: ({ subject }) => visible(subject) },
      { title: 'BY', text: ({ by }) => visible(by), dress: ink.dim },
    ],
    look,
  )
  return `${head}\n${list}`
}
