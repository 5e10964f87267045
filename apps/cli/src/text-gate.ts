import type { Blocker, GateReport, Waived } from '@signalbox/core'
import type { Look } from './look.ts'
import { blocks, count, indent, size } from './text-parts.ts'
import { table } from './table.ts'
import { visible } from './untrusted.ts'

/** Returns a gate report: the verdict first, then what would land, then every reason against it with its remedy. */
export function gateText(report: GateReport, look: Look): string {
  return blocks(verdictText(report, look), reposText(report, look), report.blockers.length === 0 ? undefined : blockersText(report.blockers, look), carriesText(report, look), waivedText(report.waived, look))
}

/** Returns why an approval or a merge was refused: the verdict and every reason. */
export function refusalText(report: GateReport, look: Look): string {
  return blocks(verdictText(report, look), blockersText(report.blockers, look), carriesText(report, look))
}

/** Where only targets moved since the approval, one command does all that follows from it. */
function carriesText({ run, snapshot, carries }: GateReport, { ink }: Look): string | undefined {
  if (carries === undefined) return undefined
  return `${ink.dim('→')} Or land it with the yes of ${visible(carries.by)} to ${snapshot}, if its change is the same on what is there now and its checks are green\n    ${ink.cyan(`signalbox merge ${run} --refresh`)}`
}

/** Returns blockers as sentences, each with the next action and the command for it. */
export function blockersText(blockers: readonly Blocker[], { ink }: Look): string {
  return blockers
    .map(({ code, repo, message, remedy }) =>
      [
        `${ink.red('✗')} ${code}${repo === undefined ? '' : ink.dim(`  ${repo}`)}`,
        `  ${visible(message)}`,
        `  ${ink.dim('→')} ${visible(remedy.sentence)}`,
        ...(remedy.command === undefined ? [] : [`    ${ink.cyan(visible(remedy.command))}`]),
        ...(remedy.waive === undefined || remedy.waive === remedy.command ? [] : [`  ${ink.dim('→')} Or waive it with a reason`, `    ${ink.cyan(visible(remedy.waive))}`]),
      ].join('\n'),
    )
    .join('\n\n')
}

/** Returns what was waived, each with the reason somebody gave; empty when nothing was. */
export function waivedText(waived: readonly Waived[], { ink }: Look): string {
  return waived
    .map(({ code, repo, message, because, by }) => [`${ink.yellow('~')} ${code}${repo === undefined ? '' : ink.dim(`  ${repo}`)}  waived by ${visible(by)}: ${visible(because)}`, `  ${ink.dim(visible(message))}`].join('\n'))
    .join('\n\n')
}

function verdictText({ run, snapshot, verdict, blockers }: GateReport, { ink }: Look): string {
  const what = ink.bold(snapshot ?? run)
  switch (verdict) {
    case 'mergeable':
      return `${ink.green('✓')} ${what} may be merged`
    case 'nothing_to_merge':
      return `${what}: nothing to merge`
    case 'blocked':
      return `${ink.red('✗')} ${what} is blocked: ${count(blockers.length, 'reason')}`
    default:
      return verdict satisfies never
  }
}

function reposText({ repos, kept }: GateReport, look: Look): string {
  const rows = table(
    repos,
    [
      { title: 'REPO', text: ({ repo, branch }) => `${repo} → ${visible(branch)}` },
      { title: 'CHANGE', text: (repo) => (repo.changed ? size(repo) : 'unchanged'), dress: (text, { changed }) => (changed ? text : look.ink.dim(text)) },
      { title: 'SINCE', text: ({ advanced }) => (advanced === undefined ? '' : `${count(advanced.commits, 'commit')} of our records, beside the change`) },
      { title: 'KEEPS', text: ({ repo, changed }) => (changed ? sayKept(kept?.repos.find((one) => one.repo === repo)) : '') },
      { title: 'CHECKOUT', text: ({ checkout }) => visible(checkout ?? '') },
    ],
    { ...look, width: look.width - 2 },
  )
  return repos.length === 0 ? '' : indent(rows)
}

function sayKept(kept: NonNullable<GateReport['kept']>['repos'][number] | undefined): string {
  return kept === undefined ? '' : `${count(kept.commits.length, 'commit')} of the agent${kept.rest ? ' and one more' : ''}`
}
