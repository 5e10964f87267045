import { codeOf, ControlError, exitCodes, gateReportSchema, mergeResultSchema, messageOf, type ErrorCode, type GateReport } from '@signalbox/core'
import { lookOf, type Look } from './look.ts'
import { jsonText } from './output.ts'
import { refusalText } from './text-gate.ts'
import { visibleLines } from './untrusted.ts'

/** Prints why a command failed and returns the exit code: sentence and next action for people, one JSON value for programs. */
export function reportError(thrown: unknown, json: boolean): number {
  const error = asControlError(thrown)
  if (json) process.stdout.write(jsonText(errorValue(error)))
  else process.stderr.write(`${errorText(error, lookOf(process.stderr, Date.now()))}\n`)
  return exitCodes[error.code]
}

/** Returns the JSON value of an error; beside it, under their own keys, what a program wants of a refused merge. */
export function errorValue(error: ControlError): object {
  return { error: { code: error.code, message: error.message, hint: error.hint ?? null }, ...detailOf(error) }
}

/** Returns an error for people: the sentence and the next action, or, where the gate refused, its verdict and every reason with its remedy, and what was done before it did. */
export function errorText(error: ControlError, look: Look): string {
  const { red, bold, dim } = look.ink
  const report = reportOf(error)
  const hint = error.hint === undefined ? [] : [`${dim('→')} ${visibleLines(error.hint)}`]
  const said = [`${red('✗')} ${bold(visibleLines(error.message))}`, ...hint].join('\n')
  if (report === undefined) return said
  return error.data?.['refreshed'] === undefined ? refusalText(report, look) : `${refusalText(report, look)}\n\n${said}`
}

/** Returns any thrown thing as a `ControlError` with a hint where we know the next step. */
export function asControlError(thrown: unknown): ControlError {
  const code = codeOf(thrown) ?? codeOfNode(thrown)
  if (code === undefined) {
    if (process.env['SIGNALBOX_DEBUG'] !== undefined) console.error(thrown)
    return new ControlError('internal.unexpected', `Something unexpected went wrong: ${messageOf(thrown)}`, { hint: 'Run it again with SIGNALBOX_DEBUG=1 for the details; if it stays, this is a bug worth reporting' })
  }
  const next = fieldOf(thrown, 'hint') ?? nextSteps[code]
  const data = fieldOf(thrown, 'data')
  return new ControlError(code, messageOf(thrown), { ...(typeof next === 'string' ? { hint: next } : {}), ...(isRecord(data) ? { data } : {}) })
}

/** The nearest thing to do, for errors that bring no hint of their own. */
const nextSteps: Partial<Record<ErrorCode, string>> = {
  'memory.not_found': 'Make one with `signalbox init DIR`, or name it with --memory or SIGNALBOX_MEMORY',
  'repo.not_found': '`signalbox repo list` shows the registered repos',
  'task.not_found': '`signalbox task list` shows every task',
  'effort.not_found': '`signalbox effort list` shows every effort',
  'decision.not_found': '`signalbox decision list` shows every decision',
  'note.not_found': '`signalbox note list` shows every note',
  'handoff.not_found': '`signalbox handoff list` shows every handoff',
  'run.not_found': '`signalbox runs` shows every run',
  'record.quarantined': '`signalbox doctor` says what to repair',
  'input.invalid': 'Add --help to the command to see its forms',
}

/** Reads a field by name, not by class: the error may come from another installed copy of core. */
function fieldOf(thrown: unknown, name: 'hint' | 'data'): unknown {
  return isRecord(thrown) ? thrown[name] : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function codeOfNode(thrown: unknown): ErrorCode | undefined {
  const code = isRecord(thrown) ? thrown['code'] : undefined
  if (code === 'ENOSPC') return 'disk.full'
  return ['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'ENAMETOOLONG'].some((known) => known === code) ? 'disk.unwritable' : undefined
}

/** Returns what a program wants beside the error: the gate's verdict, the result of the merge that already happened, how far a push came, or the server that runs already. */
function detailOf(error: ControlError): object {
  const report = reportOf(error)
  if (report !== undefined) return { ...report, refreshed: error.data?.['refreshed'] }
  if (error.code === 'server.running' || error.code === 'push.stopped') return error.data ?? {}
  const result = error.code === 'run.already_merged' ? mergeResultSchema.safeParse(error.data) : undefined
  return result?.success === true ? result.data : {}
}

function reportOf(error: ControlError): GateReport | undefined {
  const report = error.code === 'gate.blocked' ? gateReportSchema.safeParse(error.data?.['report']) : undefined
  return report?.success === true ? report.data : undefined
}
