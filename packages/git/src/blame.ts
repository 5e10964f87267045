import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ControlError, parseOid, type BlamedCommit, type BlamedLine, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { isMissing, repositoryOf } from './git-dir.ts'
import { showPath, unquotePath } from './raw-diff.ts'
import { gitInSource, reach, type GitHere, type SourceRef } from './source-ref.ts'

/** The line somebody asks about: an absolute path, and a number counted from 1. */
export interface LineRequest {
  readonly file: string
  readonly line: number
}

/** Bytes git looks at to tell text from binary; we look at the same. */
const SNIFFED_BYTES = 8_000

/**
 * Returns who last touched a line of a file as it lies in a worktree of one of the sources. Renames of the file are
 * followed; lines that are not committed have no commit.
 * @throws ControlError `repo.not_found`, `file.not_found`, `file.binary`, `line.not_found`, `git.*`
 */
export async function blameLine(git: Git, sources: readonly SourceRef[], { file, line }: LineRequest): Promise<BlamedLine> {
  const real = findFile(file)
  const { source, checkout } = findHome(sources, real)
  const path = relative(checkout, real)
  return reach(source, async () => {
    const here = literal(gitInSource(git, checkout))
    if ((await here(['ls-files', '-z', '--', path])).text === '') throw new ControlError('file.not_found', `${path} is not tracked in ${source.repo}: git knows nothing of its past`, { hint: `Commit it, or name another file` })
    refuseLine(path, readFileSync(real), line)
    // The human's own list of commits to look past would hide whoever touched the line last.
    const { stdout } = await here(['blame', '--porcelain', '--no-textconv', '--no-progress', '--ignore-revs-file=', '-L', `${line},${line}`, '--', path])
    const blamed = parseBlame(stdout.toString('latin1'))
    const commit = /^0+$/.test(blamed.oid) ? undefined : { ...(await readCommit(here, blamed.oid)), path: blamed.path, line: blamed.line }
    return { repo: source.repo, checkout, path, line, text: blamed.text, commit }
  })
}

/** Returns what a commit of the source says of itself. */
export function readCommitOf(git: Git, source: SourceRef, commit: Oid): Promise<Pick<BlamedCommit, 'parents' | 'trailers'>> {
  return reach(source, () => readCommit(gitInSource(git, source.path), commit))
}

/** Seconds from 1970 to the last day there is a date for. */
const LAST_SECOND = 8_640_000_000_000

/** Names that look like patterns are names. */
function literal(git: GitHere): GitHere {
  return (args, more) => git(args, { ...more, env: { GIT_LITERAL_PATHSPECS: '1', ...more?.env } })
}

function findFile(file: string): string {
  try {
    const real = realpathSync(file)
    if (statSync(real).isFile()) return real
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  throw new ControlError('file.not_found', `There is no file ${file}`, { hint: 'Give FILE:LINE, the file as seen from this folder or as repo:path from the top of a registered repo' })
}

/** Finds the source that a file belongs to by the repository around it, so that a linked worktree of the human's counts too. */
function findHome(sources: readonly SourceRef[], file: string): { readonly source: SourceRef; readonly checkout: string } {
  const checkout = findTop(dirname(file))
  const source = checkout === undefined ? undefined : (sources.find(({ path }) => path === checkout) ?? sources.find(({ path }) => repositoryOf(path) === repositoryOf(checkout)))
  if (checkout !== undefined && source !== undefined) return { source, checkout }
  throw new ControlError('repo.not_found', checkout === undefined ? `${file} lies in no git repository` : `${checkout}, where that file lies, is no registered repo`, {
    hint: checkout === undefined ? 'Name a file of a registered repo: `signalbox repo list`' : 'Register it with `signalbox repo add`, or name a file of a registered one: `signalbox repo list`',
  })
}

function findTop(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  return dirname(folder) === folder ? undefined : findTop(dirname(folder))
}

function refuseLine(path: string, bytes: Buffer, line: number): void {
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) throw new ControlError('file.binary', `${path} is binary, so it has no lines`, { hint: 'Look at the commits that touched it: git log -- PATH' })
  const lines = bytes.toString('latin1').split('\n').length - (bytes.at(-1) === 0x0a || bytes.length === 0 ? 1 : 0)
  if (line > lines) throw new ControlError('line.not_found', `${path} has ${lines} ${lines === 1 ? 'line' : 'lines'}, and no line ${line}`, { hint: lines === 0 ? 'The file is empty' : `Name one from 1 to ${lines}` })
}

interface Blamed {
  readonly oid: string
  readonly path: string
  readonly line: number
  readonly text: string
}

/** Reads the one line of `git blame --porcelain`: its commit, the number it had there, headers, and after a tab its text. To git only LF ends a line. */
function parseBlame(output: string): Blamed {
  const [, oid = '', line = ''] = /^([0-9a-f]+) (\d+) \d+ \d+\n/.exec(output) ?? []
  const [, path] = /\nfilename ([^\n]*)/.exec(output) ?? []
  const [, text] = /\n\t([^\n]*)/.exec(output) ?? []
  if (oid === '' || path === undefined || text === undefined) throw unexpected('blame', output)
  return { oid, path: showPath(unquotePath(path)), line: Number(line), text: showPath(text.replace(/\r$/, '')) }
}

async function readCommit(here: GitHere, oid: string): Promise<Omit<BlamedCommit, 'path' | 'line'>> {
  const format = ['%H', '%P', '%an <%ae>', '%at', '%s', '%(trailers:only,unfold)'].join('%x00')
  // What a trailer is does not depend on the human's settings: those of ours have a colon.
  const { text } = await here(['rev-list', '--no-commit-header', '--max-count=1', '--encoding=UTF-8', `--format=${format}`, '--end-of-options', oid], { config: { 'trailer.separators': ':' } })
  // Seconds, for zones can be written that no day has. For a day beyond all calendars git says 1970.
  const [id, parents = '', author, seconds, subject, trailers] = text.split('\0')
  const commit = parseOid(id)
  if (commit === undefined || author === undefined || seconds === undefined || subject === undefined || trailers === undefined) throw unexpected('rev-list', text)
  return {
    oid: commit,
    author,
    at: new Date(Math.abs(Number(seconds)) <= LAST_SECOND ? Number(seconds) * 1_000 : 0).toISOString(),
    subject,
    trailers,
    parents: parents.split(' ').flatMap((parent) => parseOid(parent) ?? []),
  }
}

function unexpected(command: string, output: string): ControlError {
  return new ControlError('git.command_failed', `git ${command} answered in a form this version does not know: ${JSON.stringify(output.slice(0, 120))}`, { hint: 'Report this with the output of `git --version`' })
}
