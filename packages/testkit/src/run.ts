import { spawnSync } from 'node:child_process'

export interface RunOptions {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes that do not throw. Default: only 0. */
  readonly okExits?: readonly number[]
}

/** Fixed people and times, so that equal content gives equal commit ids. */
const hermetic: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Human',
  GIT_AUTHOR_EMAIL: 'human@example.com',
  GIT_AUTHOR_DATE: '2024-05-01T10:00:00Z',
  GIT_COMMITTER_NAME: 'Human',
  GIT_COMMITTER_EMAIL: 'human@example.com',
  GIT_COMMITTER_DATE: '2024-05-01T10:00:00Z',
  GIT_EDITOR: 'true',
  LC_ALL: 'C',
}

/** Runs a program in `cwd` and returns what it printed; throws with both outputs when it fails. */
export function run(cwd: string, command: string, args: readonly string[] = [], options: RunOptions = {}): string {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...hermetic, ...options.env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    ...(options.input === undefined ? {} : { input: options.input }),
  })
  if (result.error !== undefined) throw result.error
  if (!(options.okExits ?? [0]).includes(result.status ?? -1)) {
    throw new Error(`${command} ${args.join(' ')} exited ${result.status ?? result.signal} in ${cwd}\n${result.stdout}${result.stderr}`)
  }
  return result.stdout
}

/** Runs git in `cwd` and returns what it printed, without the last line end. */
export function git(cwd: string, ...args: readonly string[]): string {
  return run(cwd, 'git', args).replace(/\n$/, '')
}
