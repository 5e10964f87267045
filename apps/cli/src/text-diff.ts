import { listHunks, type DiffFile, type RunDiff } from '@signalbox/core'
import type { Look } from './look.ts'
import { claimedText } from './text-claims.ts'
import { blocks, count } from './text-parts.ts'
import { table } from './table.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns the patches exactly as saved, one after the other. */
export function patchText({ repos }: RunDiff): string {
  return repos.map(({ patch }) => patch).join('')
}

/** Returns what to know of a diff beside its patches; undefined when there is nothing. `joined`: they are printed one after the other, without headings. */
export function patchNote({ snapshot, commit, since, repos }: RunDiff, joined: boolean): string | undefined {
  const changed = repos.filter(({ patch }) => patch !== '')
  const notes = [
    ...(since?.says.map(visible) ?? (changed.length === 0 ? [`${commit === undefined ? snapshot : commit === 'rest' ? `The rest of ${snapshot}` : commit.slice(0, 10)} changes nothing`] : [])),
    ...(joined && changed.length > 1 ? [`Patches of ${changed.map(({ repo }) => repo).join(' and ')}, one after the other; --repo picks one`] : []),
  ]
  return notes.length === 0 ? undefined : notes.join('\n')
}

/** Returns the patches for a terminal: a heading per repo, colours, and nothing in them that could steer it. */
export function patchPage({ repos }: RunDiff, look: Look): string {
  return repos
    .filter(({ patch }) => patch !== '')
    .map(({ repo, files, patch }) => `${look.ink.bold(repo)}  ${look.ink.dim(count(files.length, 'file'))}\n${patch.split('\n').map((line) => dressLine(line, look)).join('\n')}`)
    .join('\n')
}

/** Returns the files of a diff with their counts, grouped by repo. */
export function statText({ repos, claims }: RunDiff, look: Look): string {
  return blocks(claimedText(claims, look) || undefined, ...repos.map(({ repo, files }) => `${look.ink.bold(repo)}  ${files.length === 0 ? look.ink.dim('unchanged') : look.ink.dim(count(files.length, 'file'))}${files.length === 0 ? '' : `\n${filesText(files, look)}`}`))
}

/** Returns the hunks of a diff, each with its number in its file: `api:src/a.ts#2  @@ -20,7 +20,7 @@  +the first line that changes`. */
export function hunksText({ repos }: RunDiff, { ink }: Look): string {
  return repos
    .flatMap(({ repo, ...diff }) =>
      listHunks(diff).map(({ path, number, head, first }) => (number === null ? `${visible(`${repo}:${path}`)}  ${ink.dim('only as a whole')}` : `${visible(`${repo}:${path}#${number}`)}  ${ink.cyan(visible(head))}  ${visible(first)}`)),
    )
    .join('\n')
}

function filesText(files: readonly DiffFile[], look: Look): string {
  const { green, red } = look.ink
  return table(
    files,
    [
      { title: 'CHANGE', text: ({ status }) => status.replace('_', ' ') },
      { title: 'ADDED', text: ({ insertions }) => (insertions === null ? 'binary' : `+${insertions}`), dress: (text, { insertions }) => (insertions === null || insertions === 0 ? text : green(text)) },
      { title: 'REMOVED', text: ({ deletions }) => (deletions === null ? '' : `-${deletions}`), dress: (text, { deletions }) => (deletions === 0 ? text : red(text)) },
      { title: 'FILE', text: ({ path, oldPath }) => (oldPath === null ? visible(path) : `${visible(oldPath)} → ${visible(path)}`) },
    ],
    look,
  )
}

function dressLine(line: string, { ink }: Look): string {
  const text = visibleLines(line)
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|old mode|new mode|similarity|rename |copy )/.test(line)) return ink.bold(text)
  if (line.startsWith('@@')) return ink.cyan(text)
  if (line.startsWith('+')) return ink.green(text)
  return line.startsWith('-') ? ink.red(text) : text
}
