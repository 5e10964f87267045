// What isolation promises, what was found beside a run and how a blocker is waived, told the same on every face. Nothing
// here needs the schema library: pages load it by itself.

import { count, nameUpTo5 } from './amounts.ts'
import type { AgentCommit } from './agent-history.ts'
import type { Receipt } from './check.ts'
import type { SavedMoment } from './checkpoint.ts'
import type { Blocker } from './gate-report.ts'
import { quote } from './quote.ts'
import type { RunHome } from './home.ts'
import type { RunId, SnapshotId } from './ids.ts'
import type { Isolation, SandboxPolicy } from './isolation.ts'
import type { Approval, Survivor } from './run-event.ts'
import type { LeftOut, Reported, SnapshotRepo } from './snapshot.ts'
import type { Evidence, SourceChange, SourceLook } from './source-change.ts'
import type { FindingView } from './views.ts'
import type { Push, PushedRepo } from './push.ts'
import type { Answer, Asked } from './question.ts'
import type { SourcePart } from './source-fingerprint.ts'

/** Returns which promise holds for a run, as one honest sentence. Said in the same words wherever a run is shown; without a policy, of a run that is yet to start. */
export function sayIsolation(isolation: Isolation, sandbox?: SandboxPolicy): string {
  switch (isolation) {
    case 'private':
      return 'Its own git directory keeps your repositories out of its git’s reach; the system does not confine it, so what changes in your checkouts is looked for, while it works and at its end.'
    case 'linked':
      return 'It works in a worktree of your repository and can alter your refs, settings and hooks; that is not prevented, but found at its end, and blocks the landing.'
    case 'sandbox':
      return `The system confines it, its setup and its checks: they write only to its own folders${sandbox === undefined ? ' and those that its policy names' : sandbox.write.length === 0 ? '' : ` and to ${nameUpTo5(sandbox.write)}`}, see no process but their own, and read neither our state nor the usual places of your keys and logins; other files they can read. ${sayNetwork(sandbox)}`
    default:
      return isolation satisfies never
  }
}

/** Says whose home an agent has. */
export function sayHome(home: RunHome): string {
  return { own: 'its own: it finds nothing of yours there, and no other run has it', kept: 'yours, but what it keeps for itself is of this run alone', shared: 'yours, with your settings and logins' }[home]
}

function sayNetwork(sandbox: SandboxPolicy | undefined): string {
  if (sandbox === undefined) return 'Whether they have the network is said in the policy.'
  return sandbox.network === 'deny' ? 'They have no network.' : 'They have the network, and with it whatever listens on this machine.'
}

/** Says how a check went: `passed`, `failed (exit 1)`, `was ended`, `does not count`. */
export function sayOutcome({ exitCode, voided }: Pick<Receipt, 'exitCode' | 'voided'>): string {
  if (voided !== null) return 'does not count'
  if (exitCode === null) return 'was ended'
  return exitCode === 0 ? 'passed' : `failed (exit ${exitCode})`
}

/** Says why a checkpoint was taken or a round sealed: `its files came to rest`. */
export function sayReason(reason: SavedMoment['reason']): string {
  switch (reason) {
    case 'turn':
      return 'a turn of its agent ended'
    case 'rest':
      return 'its files came to rest'
    case 'busy':
      return 'its files kept changing'
    case 'run':
      return 'the run ended'
    case 'human':
      return 'sealed by hand'
    case 'refresh':
      return 'refreshed'
    case 'recovery':
      return 'sealed by recovery'
    case 'undo':
      return 'it takes a landing back'
    case 'part':
      return 'a part of a round'
    default:
      return reason satisfies never
  }
}

/** Says whose yes to what an approval is: `R0001.s2 by ada, carried over from the yes of bob to R0001.s1`; `the commits of R0001.s2 by ada` where those are kept. */
export function sayApproval({ snapshot, by, carriedFrom, commits }: Pick<Approval, 'snapshot' | 'by' | 'carriedFrom' | 'commits'>): string {
  return `${commits === undefined ? '' : 'the commits of '}${snapshot} by ${by}${carriedFrom === undefined ? '' : `, carried over from the yes of ${carriedFrom.by} to ${carriedFrom.snapshot}`}`
}

/** The words of the command that answers: `answer R0001 Q1 --allow`. */
export function answerWords(run: string, { id, kind }: Pick<Asked, 'id' | 'kind'>): string {
  return `answer ${run} ${id} ${kind === 'permission' ? '--allow' : 'TEXT'}`
}

/** Says what was decided: `yes, this once`, `no: not now`, or the words of the answer. */
export function sayAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'allow':
      return answer.lasting === 'once' ? 'yes, this once' : 'yes, and the like of it'
    case 'refuse':
      return answer.because === '' ? 'no' : `no: ${answer.because}`
    case 'text':
      return answer.text
    default:
      return answer satisfies never
  }
}

/** Tells whether there is evidence that the run changed a source. */
export function isEscaped(looks: readonly Pick<SourceLook, 'changes'>[]): boolean {
  return looks.some(({ changes }) => changes.some(({ evidence }) => evidence !== null))
}

/** Names a change for people: `refs/heads/main`, `hook pre-commit`, `a.txt`. */
export function nameChange({ what, name }: { readonly what: SourcePart; readonly name: string }): string {
  switch (what) {
    case 'ref':
    case 'file':
      return name
    case 'head':
      return `HEAD of ${name}`
    case 'stash':
      return `stash ${name.slice(0, 10)}`
    case 'index':
      return `staged ${name}`
    case 'config':
    case 'hook':
    case 'info':
      // What settings lead to lies beside it.
      return name.startsWith('./') ? name.slice(2) : name.startsWith('/') ? name : `.git/${name}`
    default:
      return what satisfies never
  }
}

/** Says what was found in a source, as a sentence without its full stop; undefined when nothing changed there. */
export function sayLook({ repo, changes, unlisted, unread, accepted }: SourceLook): string | undefined {
  const gap = unread === null ? undefined : `${repo} could not be compared in full with what it was before the run: ${unread}`
  if (changes.length === 0) return gap
  const escaped = changes.filter(({ evidence }) => evidence !== null)
  const who = accepted !== null ? `${accepted.by} says they are their own: ${accepted.because}` : escaped.length === 0 ? 'nothing shows that the run did it' : `the run did it: ${sayEvidence(escaped)}`
  return `${count(changes.length + unlisted, 'thing')} of yours in ${repo} changed during the run (${nameUpTo5(changes.map(nameChange))}); ${who}${gap === undefined ? '' : `; ${gap}`}`
}

/** Names processes that could not be ended; empty for none: `process 4712 (node) could not be ended and may still write`. */
export function saySurvivors(survivors: readonly Survivor[]): string {
  if (survivors.length === 0) return ''
  const names = survivors.map(({ pid, command }) => (command === '' ? `${pid}` : `${pid} (${command})`))
  return `${survivors.length === 1 ? 'process' : 'processes'} ${nameUpTo5(names)} could not be ended and may still write`
}

/** Says where a run that escaped wrote: `It wrote beside its workspace: a.txt in api`. */
export function sayEscape(looks: readonly SourceLook[]): string {
  return `It wrote beside its workspace: ${nameUpTo5(looks.flatMap(({ repo, changes }) => changes.flatMap((change) => (change.evidence === null ? [] : [`${nameChange(change)} in ${repo}`]))))}`
}

/** Says what shows that the run made these changes. */
export function sayEvidence(escaped: readonly SourceChange[]): string {
  const named = (kind: Evidence['kind']): string => nameUpTo5(escaped.filter(({ evidence }) => evidence?.kind === kind).map(nameChange))
  const commands = [...new Set(escaped.flatMap(({ evidence }) => (evidence?.kind === 'command' ? [`git ${evidence.command}`] : [])))]
  const parts = [
    named('commit') === '' ? [] : [`commits made in its own git directory are in ${named('commit')}`],
    named('bytes') === '' ? [] : [`${named('bytes')} ${escaped.filter(({ evidence }) => evidence?.kind === 'bytes').length === 1 ? 'holds' : 'hold'} the bytes of its round`],
    commands.length === 0 ? [] : [`it gave ${nameUpTo5(commands)} there, and ${named('command')} changed`],
  ]
  return parts.flat().join('; ')
}

/** Says what a reviewer must know of a saved repo though nothing of it is missing. */
export function sayReported({ reason, paths, more }: Reported): string {
  const shown = paths.slice(0, 5)
  const rest = more + paths.length - shown.length
  return `${reportedWords[reason]}: ${shown.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`
}

const reportedWords: Readonly<Record<Reported['reason'], string>> = {
  newly_ignored: 'not saved, for ignore rules that the run changed hide it',
  sparse: 'not in the workspace (sparse), and kept as its index has it',
  large: 'saved, and 50 MiB or more',
  submodule: 'a submodule whose files are there as its commit has them, which are not saved',
}

/** Says so of all repos of a snapshot, each with its name. */
export function sayAllReported(repos: readonly Pick<SnapshotRepo, 'repo' | 'reported'>[]): readonly string[] {
  return repos.flatMap(({ repo, reported = [] }) => reported.map((one) => `${repo}: ${sayReported(one)}`))
}

/** Says of all sources what changed there during the run; empty when nothing did. */
export function sayLooks(looks: readonly SourceLook[]): readonly string[] {
  return looks.flatMap((look) => sayLook(look) ?? [])
}

/** Says whether a remedy of a gate report is to seal the run again, as it lies in its workspace. */
export function asksToSeal({ run, blockers }: { readonly run: RunId; readonly blockers: readonly Pick<Blocker, 'remedy'>[] }): boolean {
  return blockers.some(({ remedy }) => remedy.command?.endsWith(` seal ${run}`) === true)
}

/** How a landing that stopped half-way comes to its end: forwards or back, whichever its targets allow. */
export const settleWords = 'Clear what it names. Where more than one branch went on, it is enough to take off one of them what was committed there meanwhile, and to put it back afterwards; the next command settles the rest'

/** Names what a round leaves out, by repo: `web/README.md`, `api/src/a.ts (hunks 2, 3)`. */
export function sayLeftOut({ repo, path, hunks }: Pick<LeftOut, 'repo' | 'path'> & { readonly hunks?: readonly number[] | null | undefined }): string {
  return `${repo}/${path}${hunks === null || hunks === undefined ? '' : ` (${hunks.length === 1 ? 'hunk' : 'hunks'} ${hunks.join(', ')})`}`
}

/** Returns the words that waive one blocker on the command line, up to the reason. The name of a check is one word; only of a landing that keeps them does the gate name commits. */
export function waiveWords(run: RunId, { code, repo, data: { check, commits } }: Pick<Blocker, 'code' | 'repo' | 'data'>): string {
  return [`waive ${run} ${code}`, ...(repo === undefined ? [] : [`--repo ${repo}`]), ...(typeof check === 'string' ? [`--check ${check}`] : []), ...(commits === undefined ? [] : ['--strategy keep'])].join(' ')
}

/** Says how far one repo of a push is: `api → signalbox/r0001 on origin (https://…)`. */
export function sayPushed({ remote, branch }: Pick<Push, 'remote' | 'branch'>, { repo, url, pushed, pullRequest }: PushedRepo): string {
  return `${repo} → ${branch} on ${remote} (${url})${pushed ? '' : ': not seen there yet'}${pullRequest === null ? '' : `, pull request ${pullRequest}`}`
}

/** Says in whose name a commit of an agent is, and in whose it was committed, where that is another. */
export function sayNames({ author, email, committer }: Pick<AgentCommit, 'author' | 'email' | 'committer'>): string {
  const [written, committed] = [`${author} <${email}>`, `${committer.name} <${committer.email}>`]
  return written === committed ? written : `${written}, committed by ${committed}`
}

/** Says where a finding is, on one line: `api/src/a.ts:4-6`, or where it was put and that this is gone. */
export function sayPlace({ anchor, place, state }: Pick<FindingView, 'anchor' | 'place' | 'state'>): string {
  if (anchor === null) return 'the run as a whole'
  const lines = place ?? anchor.lines
  const range = lines === null ? '' : `:${lines.from}${lines.to === lines.from ? '' : `-${lines.to}`}`
  const then = place === null && anchor.lines !== null ? ` of ${anchor.snapshot}` : ''
  // An agent names its files, and another agent is told of them: a line of its own could pass for what a reviewer says.
  const path = anchor.path.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `${anchor.repo}/${path}${range}${then}${anchor.side === 'old' ? ', as it was before the change' : ''}${state === 'outdated' ? ', gone since' : ''}`
}

/** Returns the one message that asks an agent to see to all that was found about a round. */
export function sayRequest(of: SnapshotId, findings: readonly FindingView[]): string {
  const each = findings.map((finding) => [`## ${finding.id} on ${sayPlace(finding)}`, finding.text, ...finding.replies.flatMap(({ text }) => (text === null ? [] : [`Said later: ${text}`]))].join('\n\n'))
  return [`${of} was reviewed, and changes are asked for. See to every one of these; what is not named stays as it is. Where you think that one is wrong, leave it and say why: a reviewer decides.`, ...each].join('\n\n')
}

/** Returns the words that push a round again to where it was on its way, on the command line. */
export function pushWords(run: RunId, { remote, branch, strategy }: Pick<Push, 'remote' | 'branch' | 'strategy'>): string {
  return `push ${run} --remote ${remote} --branch ${quote(branch)}${strategy === 'squash' ? '' : ` --strategy ${strategy}`}`
}
