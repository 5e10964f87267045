import { ControlError, type BranchName, type Oid } from '@signalbox/core'
import type { RunProgram } from '@signalbox/programs'
import { redactAddress, showAddress } from './address.ts'
import { buildProgramEnvironment } from './environment.ts'
import type { Environment } from './human-settings.ts'
import type { SourceRef } from './source-ref.ts'

/** Milliseconds one call of the forge's program may take. */
const GH_MS = 60_000
const MAX_OUTPUT = 1024 * 1024

export interface GhTools {
  /** The human's environment. */
  readonly env: Environment
  readonly runProgram: RunProgram
}

/** A pull request to open where there is none of this branch yet. */
export interface PullRequest {
  readonly source: SourceRef
  readonly head: BranchName
  /** The commit that was pushed to `head`. */
  readonly commit: Oid
  readonly base: BranchName
  readonly title: string
  readonly body: string
}

/**
 * Returns the address of the open pull request of a branch, after opening one if there was none, by GitHub's `gh` and its login.
 * @throws ControlError `forge.not_found`, `forge.failed`
 */
export async function openPullRequest(tools: GhTools, { source, head, commit, base, title, body }: PullRequest): Promise<string> {
  const gh = (args: readonly string[], stdin = ''): Promise<string> => runGh(tools, source, args, stdin)
  const list = parseJson(await gh(['pr', 'list', '--head', head, '--base', base, '--json', 'url,headRefOid']))
  if (!Array.isArray(list)) throw failed(source, 'it did not list pull requests as JSON')
  // Somebody else's copy of the repository may have a branch of the same name: theirs is not ours.
  const there = list.find((one: unknown) => readText(one, 'headRefOid') === commit)
  if (there !== undefined) return addressIn(source, readText(there, 'url') ?? '')
  return addressIn(source, await gh(['pr', 'create', '--head', head, '--base', base, '--title', title, '--body-file', '-'], body))
}

function readText(value: unknown, name: string): string | undefined {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof text === 'string' ? text : undefined
}

/** Returns the last address of the web among these lines. */
function addressIn(source: SourceRef, text: string): string {
  const found = text.split('\n').map((line) => addressOf(line.trim())).findLast((line) => line !== undefined)
  if (found === undefined) throw failed(source, 'it did not say where the pull request is')
  return found
}

/** Reads a web address; undefined when the text is none. */
function addressOf(text: string): string | undefined {
  return /^https?:\/\/\S+$/.test(text) && URL.canParse(text) ? showAddress(text) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller says what it is not
  }
}

/** Starts the program itself, never through a shell, and gives it no terminal. */
async function runGh({ env, runProgram }: GhTools, source: SourceRef, args: readonly string[], input: string): Promise<string> {
  const environment = buildProgramEnvironment(env, { GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' })
  const end = await runProgram({ file: 'gh', args, cwd: source.path, env: environment, input, timeoutMs: GH_MS, maxBytes: MAX_OUTPUT })
  if (end.kind === 'failed' && end.why === 'not_found') throw notFound(source)
  if (end.kind === 'failed') throw failed(source, end.why === 'timed_out' ? `it did not end within ${GH_MS / 1000} s` : end.message)
  if (end.exitCode !== 0) throw failed(source, end.stderr.toString().trim().split('\n').slice(-5).join('\n').slice(-1000) || `it exited ${end.exitCode}`)
  return end.stdout.toString()
}

function notFound({ repo }: SourceRef): ControlError {
  return new ControlError('forge.not_found', `${repo} is pushed, but has no pull request: \`gh\` was not found on PATH`, { hint: 'Install gh and log in (`gh auth login`), then push again with --pr; or open it in your browser' })
}

function failed({ repo }: SourceRef, said: string): ControlError {
  return new ControlError('forge.failed', `${repo} is pushed, but has no pull request on record: \`gh\` failed: ${redactAddress(said, '')}`, { hint: 'See whether you are logged in (`gh auth status`), then push again with --pr' })
}
