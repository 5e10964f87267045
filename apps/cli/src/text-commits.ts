import { sayNames, type AgentCommit, type RunCommits } from '@signalbox/core'
import type { Look } from './look.ts'
import { ago, blocks, count, indent, shortId, size } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns the agent's own commits, oldest first, grouped by repo, each with all that it says: this is what a yes to them lands. All their text is the agent's. */
export function commitsText({ repos }: RunCommits, look: Look): string {
  return blocks(...repos.map((repo) => repoText(repo, look)))
}

function repoText({ repo, commits, rest, unfit }: RunCommits['repos'][number], look: Look): string {
  const { ink } = look
  if (unfit !== null) return `${ink.bold(repo)}  ${ink.yellow(`cannot land as they are: ${visible(unfit)}`)}`
  if (commits.length === 0 && rest === null) return `${ink.bold(repo)}  ${ink.dim('unchanged')}`
  const left = rest === null ? [] : [`${ink.bold('rest'.padEnd(10))}  ${size(rest)}  ${commits.length === 0 ? 'nothing is committed' : 'what is in no commit'}`]
  return [`${ink.bold(repo)}  ${ink.dim(count(commits.length, 'commit'))}`, ...[...commits.map((commit) => commitText(commit, look)), ...left].map((text) => indent(text))].join('\n')
}

function commitText(commit: AgentCommit, { ink, now }: Look): string {
  const { oid, subject, message, at } = commit
  const head = `${ink.bold(shortId(oid))}  ${size(commit)}  ${subject === '' ? '(no subject)' : visible(subject)}`
  const body = message.slice(message.indexOf(subject) + subject.length).trim()
  return [head, indent(ink.dim(`by ${visible(sayNames(commit))}, ${ago(at, now)}`)), ...(body === '' ? [] : [indent(visibleLines(body))])].join('\n')
}
