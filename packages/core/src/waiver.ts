import * as z from 'zod'
import { factsText } from './facts-text.ts'
import type { GateFacts } from './gate-facts.ts'
import type { Blocker, BlockerCode, GateReport } from './gate-report.ts'
import { repoNameSchema, snapshotIdSchema } from './ids.ts'
import type { WaiverRequest } from './requests.ts'
import { waiveWords } from './words.ts'

/** The blockers a human may waive with a reason: what they say of the work, never what they say of the target or the snapshot. */
export const waivableCodes = ['scope_exceeded', 'checks_missing', 'checks_failed', 'checks_stale', 'secret_found', 'reverts_landed_work', 'finding_open'] as const satisfies readonly BlockerCode[]
export type WaivableCode = (typeof waivableCodes)[number]

/** Tells whether a human may waive blockers of this code. */
export function isWaivable(code: string): code is WaivableCode {
  return waivableCodes.some((one) => one === code)
}

/**
 * A human's word that one blocker does not matter for one round. It holds for exactly what was seen: `data` is that of the
 * blocker, whole, so that the record says what was waived and a later, larger problem is not covered.
 * `seal` is an HMAC-SHA256 over `waiverText` with the key of this machine's state folder.
 */
export const waiverSchema = z.object({
  code: z.enum(waivableCodes),
  /** Absent when the blocker concerns the run as a whole. */
  repo: repoNameSchema.optional(),
  snapshot: snapshotIdSchema,
  digest: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
  because: z.string(),
  by: z.string(),
  at: z.string(),
  seal: z.string(),
})
export type Waiver = z.infer<typeof waiverSchema>

/** A waiver in a run's log; `genuine` says its seal was verified with this machine's key. */
export interface JudgedWaiver {
  readonly value: Waiver
  readonly genuine: boolean
}

/** Returns the text a waiver's seal is computed over: everything it says, in a fixed order. */
export function waiverText(waiver: Omit<Waiver, 'seal'>): string {
  const { code, repo, snapshot, digest, message, data, because, by, at } = waiver
  return JSON.stringify(['waiver', code, repo ?? null, snapshot, digest, message, factsText(data), because, by, at])
}

/** Returns the waivers that count for a round: given on this machine, for exactly this digest. */
export function countingWaivers(waivers: readonly JudgedWaiver[], digest: string): readonly Waiver[] {
  return waivers.flatMap(({ value, genuine }) => (genuine && value.digest === digest ? [value] : []))
}

/** Returns the text whose sha256 an approval binds as its waivers; undefined when none counts. */
export function waiversText(waivers: readonly Waiver[]): string | undefined {
  return waivers.length === 0 ? undefined : waivers.map(waiverText).toSorted().join('\n')
}

/** Parts the blockers that were waived from those that block, and says of the others how they may be waived. */
export function applyWaivers({ run, round, waivers }: GateFacts, found: readonly Blocker[]): Pick<GateReport, 'blockers' | 'waived'> {
  const blockers: Blocker[] = []
  const waived: GateReport['waived'] = []
  for (const blocker of found) {
    const about = round === undefined || !isWaivable(blocker.code) ? [] : waivers.filter(({ value }) => value.digest === round.digest && value.code === blocker.code && value.repo === blocker.repo)
    const counting = about.findLast(({ value, genuine }) => genuine && factsText(value.data) === factsText(blocker.data))
    if (counting === undefined) blockers.push(offerWaiver(run, nameForged(blocker, about)))
    else waived.push({ code: counting.value.code, ...(blocker.repo === undefined ? {} : { repo: blocker.repo }), message: blocker.message, because: counting.value.because, by: counting.value.by, at: counting.value.at })
  }
  return { blockers, waived }
}

/**
 * Returns the blockers that a request is about: every one of its code, repo and check, and with `data` only the very one that
 * was seen, for checks of one repo share a code and repos may share the rest.
 */
export function chooseBlockers(blockers: readonly Blocker[], { code, repo, check, data: seen }: WaiverRequest): readonly Blocker[] {
  const named = blockers.filter((blocker) => blocker.code === code && (repo === undefined || blocker.repo === repo) && (check === undefined || blocker.data['check'] === check))
  return seen === undefined ? named : named.filter((blocker) => blocker.repo === repo && factsText(blocker.data) === factsText(seen))
}

function nameForged(blocker: Blocker, about: readonly JudgedWaiver[]): Blocker {
  const forged = [...new Set(about.filter(({ genuine }) => !genuine).map(({ value }) => value.by))]
  return forged.length === 0 ? blocker : { ...blocker, message: `${blocker.message}. The waiver recorded as by ${forged.join(' and by ')} is not sealed with the key of this machine and does not count` }
}

/** Where nothing else can be done by command, the waiver is the command. Run as it stands it is refused, for want of a reason. */
function offerWaiver(run: GateFacts['run'], blocker: Blocker): Blocker {
  if (!isWaivable(blocker.code)) return blocker
  const { sentence, command } = blocker.remedy
  const waive = `signalbox ${waiveWords(run, blocker)} --because ''`
  return { ...blocker, remedy: command === undefined ? { sentence: `${sentence}, or waive it with a reason`, command: waive, waive } : { sentence, command, waive } }
}
