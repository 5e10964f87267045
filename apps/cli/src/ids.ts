import {
  ControlError,
  decisionIdSchema,
  effortIdSchema,
  handoffIdSchema,
  noteIdSchema,
  parseFindingId,
  parseRepoName,
  parseRunId,
  parseRunOrSnapshot,
  parseSnapshotId,
  parseTaskId,
  type FindingId,
  type FreeKind,
  type HandoffId,
  type RepoName,
  type RunId,
  type SnapshotId,
  type TaskId,
} from '@signalbox/core'

/** Reads a task id in any case. @throws ControlError `input.invalid` */
export function taskIdOf(text: string): TaskId {
  return parseTaskId(text.toUpperCase()) ?? refuse(text, 'task', 'T0001', 'signalbox task list')
}

/** Reads a run id in any case. @throws ControlError `input.invalid` */
export function runIdOf(text: string): RunId {
  return parseRunId(text.toUpperCase()) ?? refuse(text, 'run', 'R0001', 'signalbox runs')
}

/** Reads a handoff id in any case. @throws ControlError `input.invalid` */
export function handoffIdOf(text: string): HandoffId {
  const id = handoffIdSchema.safeParse(text.toUpperCase())
  return id.success ? id.data : refuse(text, 'handoff', 'H0001', 'signalbox handoff list')
}

/** Reads the id of a finding in any case. @throws ControlError `input.invalid` */
export function findingIdOf(text: string): FindingId {
  return parseFindingId(text.toUpperCase()) ?? refuse(text, 'finding', 'F1', 'signalbox review RUN')
}

/** Reads the id of an effort, decision or note in any case. @throws ControlError `input.invalid` */
export function recordIdOf(kind: FreeKind, text: string): string {
  const { schema, example } = freeIds[kind]
  const id = schema.safeParse(text.toUpperCase())
  return id.success ? id.data : refuse(text, kind, example, `signalbox ${kind} list`)
}

const freeIds = {
  effort: { schema: effortIdSchema, example: 'E001' },
  decision: { schema: decisionIdSchema, example: 'D0001' },
  note: { schema: noteIdSchema, example: 'N0001' },
} as const

/** Reads a repo name. @throws ControlError `input.invalid` */
export function repoNameOf(text: string): RepoName {
  const name = parseRepoName(text)
  if (name !== undefined) return name
  throw new ControlError('input.invalid', `${JSON.stringify(text)} is not a repo name: 1 to 64 of a-z, 0-9 and -`, { hint: '`signalbox repo list` shows the registered ones' })
}

/** Reads `R0001` or `R0001.s2`; the round is undefined when none is named. @throws ControlError `input.invalid` */
export function snapshotOf(text: string): { readonly run: RunId; readonly round: number | undefined } {
  return parseRunOrSnapshot(text.toUpperCase().replace('.S', '.s')) ?? refuse(text, 'run or snapshot', 'R0001 or R0001.s2', 'signalbox runs')
}

/** Reads `R0001.s2`. @throws ControlError `input.invalid` */
export function snapshotIdOf(text: string): SnapshotId {
  return parseSnapshotId(text.toUpperCase().replace('.S', '.s')) ?? refuse(text, 'snapshot', 'R0001.s2', 'signalbox runs')
}

/** Reads the round named by `2`, `s2` or `R0001.s2` of a given run. @throws ControlError `input.invalid` */
export function roundOf(run: RunId, text: string): number {
  const short = /^s?([1-9]\d{0,8})$/i.exec(text)?.[1]
  if (short !== undefined) return Number(short)
  const named = snapshotOf(text)
  if (named.run === run && named.round !== undefined) return named.round
  throw new ControlError('input.invalid', `${JSON.stringify(text)} names no round of ${run}`, { hint: `\`signalbox show ${run}\` lists its rounds` })
}

function refuse(text: string, what: string, example: string, command: string): never {
  const snapshot = what === 'run' && parseRunOrSnapshot(text.toUpperCase().replace('.S', '.s')) !== undefined
  const why = snapshot ? `${text} is a snapshot; this command takes its run, ${text.split('.')[0]}` : `${JSON.stringify(text)} is not the id of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}; one looks like ${example}`
  throw new ControlError('input.invalid', why, { hint: `\`${command}\` shows what there is` })
}
