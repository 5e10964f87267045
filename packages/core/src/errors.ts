/** Exit codes of the CLI. */
export const exit = {
  ok: 0,
  unexpected: 1,
  badInput: 2,
  notFound: 3,
  refused: 4,
  environment: 5,
  notAllowed: 6,
  interrupted: 130,
} as const

/** Every stable error code and the exit code it ends the CLI with. Adding is a minor change, removing a major one. */
export const exitCodes = {
  'internal.unexpected': exit.unexpected,

  'input.invalid': exit.badInput,
  'config.invalid': exit.badInput,
  'repo.not_a_repository': exit.badInput,
  'repo.bare': exit.badInput,
  'repo.unborn': exit.badInput,
  'repo.shallow': exit.badInput,
  'repo.promisor': exit.badInput,
  'repo.filter_not_allowed': exit.badInput,
  'repo.name_taken': exit.badInput,
  'repo.branch_missing': exit.badInput,
  'file.binary': exit.badInput,
  'server.not_local': exit.badInput,

  'memory.not_found': exit.notFound,
  'repo.not_found': exit.notFound,
  'task.not_found': exit.notFound,
  'effort.not_found': exit.notFound,
  'decision.not_found': exit.notFound,
  'note.not_found': exit.notFound,
  'handoff.not_found': exit.notFound,
  'run.not_found': exit.notFound,
  'snapshot.not_found': exit.notFound,
  'agent.not_found': exit.notFound,
  'agent.not_installed': exit.environment,
  'question.not_found': exit.notFound,
  'question.not_open': exit.refused,
  'resume.refused': exit.refused,
  'run.no_ports': exit.environment,
  'commit.not_found': exit.notFound,
  'file.not_found': exit.notFound,
  'line.not_found': exit.notFound,
  'finding.not_found': exit.notFound,
  'remote.not_found': exit.notFound,
  'server.not_running': exit.notFound,

  'format.newer': exit.refused,
  'record.quarantined': exit.refused,
  'record.changed_underneath': exit.refused,
  'repo.is_memory': exit.refused,
  'repo.in_use': exit.refused,
  'task.closed': exit.refused,
  'task.no_repos': exit.refused,
  'run.log_invalid': exit.refused,
  'folder.taken': exit.refused,
  'run.active': exit.refused,
  'run.not_active': exit.refused,
  'run.already_merged': exit.refused,
  'run.not_merged': exit.refused,
  'run.not_escaped': exit.refused,
  'gate.blocked': exit.refused,
  'merge.stopped': exit.refused,
  'merge.pending': exit.refused,
  'push.stopped': exit.refused,
  'undo.refused': exit.refused,
  'refresh.conflict': exit.refused,
  'refresh.not_needed': exit.refused,
  'workspace.changed': exit.refused,
  'waiver.not_needed': exit.refused,
  'finding.settled': exit.refused,
  'server.running': exit.refused,

  'git.not_found': exit.environment,
  'git.too_old': exit.environment,
  'git.command_failed': exit.environment,
  'git.timed_out': exit.environment,
  'repo.unreachable': exit.environment,
  'remote.unreachable': exit.environment,
  'forge.not_found': exit.environment,
  'forge.failed': exit.environment,
  'disk.full': exit.environment,
  'disk.unwritable': exit.environment,
  'state.locked': exit.environment,
  'run.failed': exit.environment,
  'index.unavailable': exit.environment,
  'sandbox.unavailable': exit.environment,
  'server.port_taken': exit.environment,
  'server.too_many_streams': exit.environment,

  'access.denied': exit.notAllowed,
  'signal.interrupted': exit.interrupted,
} as const satisfies Record<string, number>

export type ErrorCode = keyof typeof exitCodes

/** HTTP status of an error code: decided by its exit class alone, so CLI and API cannot disagree. */
export function httpStatusOf(code: ErrorCode): 400 | 403 | 404 | 409 | 500 | 503 {
  switch (exitCodes[code]) {
    case exit.badInput:
      return 400
    case exit.notFound:
      return 404
    case exit.refused:
      return 409
    case exit.environment:
      return 503
    case exit.notAllowed:
      return 403
    default:
      return 500
  }
}

export interface ControlErrorOptions {
  /** The next action, as a sentence. */
  readonly hint?: string
  /** Machine-readable detail, JSON only. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** A fault or refusal with a stable `code`, a sentence, and the next action. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, message: string, options: ControlErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.data = options.data
  }
}

/** Tells whether `error` carries this code. Reads the field, not the class: two installed copies of this package must agree. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return codeOf(error) === code
}

/** Returns the stable code of an error, or `undefined` when it has none of ours. */
export function codeOf(error: unknown): ErrorCode | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return isErrorCode(error.code) ? error.code : undefined
}

/** Own keys only: `toString` is in every object and a code of none. */
function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(exitCodes, code)
}

/** Returns what a human can read of anything thrown: its message, be it an `Error` of this process or the JSON of another. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  return 'message' in error && typeof error.message === 'string' ? error.message : 'An error without a message'
}
