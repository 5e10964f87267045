import { nameUpTo5, type CleanReport } from '@signalbox/core'
import type { Look } from './look.ts'
import { blocks } from './text-parts.ts'
import { visible } from './untrusted.ts'

type Workspace = CleanReport['workspaces'][number]
type CheckFolder = CleanReport['checkFolders'][number]

/** Returns a clean-up for people: what stays with each reason and the next action, then what went, then how much. */
export function cleanText(report: CleanReport, look: Look): string {
  const { workspaces, checkFolders, freed, dryRun } = report
  if (workspaces.length + checkFolders.length === 0) return 'There is nothing to remove'
  const lines = [...workspaces.map((one) => workspaceText(one, look)), ...checkFolders.map((one) => folderText(one, look))]
  return blocks(lines.join('\n'), `${dryRun ? 'Would free' : 'Freed'} ${bytesText(freed)}. Rounds, logs and handoffs stay.`)
}

const saying: Readonly<Record<Workspace['standing'], string>> = { landed: ', landed', rejected: ', rejected', unchanged: ', changed nothing', open: ', not landed', active: ', at work', unknown: '' }

function workspaceText({ run, standing, action, bytes, path, reasons, checkouts, pins }: Workspace, look: Look): string {
  const { bold, dim } = look.ink
  const head = `${mark(action, look)} ${bold(run)}  ${action.replace('_', ' ')}${saying[standing]}  ${dim(`${bytes === null ? 'size unknown' : bytesText(bytes)}  ${visible(path)}`)}`
  const ignored = checkouts.filter((one) => one.ignored.length > 0 && reasons.length === 0).map((one) => `  ${dim(`ignored in ${one.repo}, and so in no round: ${visible(nameUpTo5(one.ignored))}`)}`)
  return [head, ...reasons.flatMap(({ message, remedy }) => [`  ${visible(message)}`, `  ${dim('→')} ${visible(remedy)}`]), ...ignored, ...pins.map(({ repo, ref }) => `  ${dim(`unpinned in ${repo}: ${ref}; a branch or tag keeps that commit`)}`)].join('\n')
}

function folderText({ repos, action, bytes, because }: CheckFolder, look: Look): string {
  const { bold, dim } = look.ink
  return `${mark(action, look)} ${bold(`checks of ${visible(repos.join(' and '))}`)}  ${action.replace('_', ' ')}  ${dim(`${bytes === null ? 'size unknown' : bytesText(bytes)}  ${visible(because)}`)}`
}

function mark(action: Workspace['action'], { ink }: Look): string {
  return action === 'refused' ? ink.red('✗') : action === 'kept' ? ink.yellow('-') : ink.green('✓')
}

/** Returns bytes as people say them. */
function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB']
  const step = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${step === 0 ? bytes : (bytes / 1000 ** step).toFixed(1)} ${units[step]}`
}
