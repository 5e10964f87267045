import * as z from 'zod'
import { count } from './amounts.ts'
import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { sayStep, stepsOf } from './gate-keep.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import { repoNameSchema } from './ids.ts'

/** Where a credential was found, and by which rule. Never the credential itself: this travels into logs, records and pages. */
export const foundSecretSchema = z.object({ path: z.string(), /** Of the file as it would land, from 1. */ line: z.int().positive(), rule: z.string() })
export type FoundSecret = z.infer<typeof foundSecretSchema>

/** What the added lines of one repo's diff were found to hold. */
export const secretScanSchema = z.object({
  found: z.array(foundSecretSchema).readonly(),
  /** Files that add more than is looked through, so that nobody knows. */
  unscanned: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative() })).readonly(),
})
export type SecretScan = z.infer<typeof secretScanSchema>

/** A scan of one round by one version of the rules, kept in the state folder: the same round has the same answer for ever. */
export const keptScanSchema = z.object({
  format: z.literal(1),
  digest: z.string(),
  rules: z.string(),
  repos: z.record(repoNameSchema, secretScanSchema),
  /** Of what one commit adds by itself, by both ids of that change; there only where somebody asked. */
  steps: z.record(z.string(), secretScanSchema).optional(),
})
export type KeptScan = z.infer<typeof keptScanSchema>

/** Returns what the added lines of one changed repo have against a merge; where its commits are kept, those of each commit. What was not looked through to its end is named, for only a human can know it. */
export function findSecretBlockers(facts: GateFacts, judged: RepoFacts): Blocker[] {
  const { run } = facts
  const { repo, secrets } = judged
  if (!secrets.known) {
    return [block('facts_unavailable', repo, `The added lines of ${repo} could not be looked through for credentials: ${secrets.because}`, { because: secrets.because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${run}` })]
  }
  const { found, unscanned } = secrets.value
  const steps = stepsOf(facts, judged)
  const isShown = findShown(secrets.value, steps.map(({ secrets: step }) => step))
  const commits = steps.flatMap(({ commit, secrets: step }) => {
    const own = step.found.filter((place) => !isShown(place))
    const tooMuch = step.unscanned.filter((file) => !isShown(file))
    return own.length === 0 && tooMuch.length === 0 ? [] : [{ commit, secrets: own, unscanned: tooMuch }]
  })
  const credentials = [...found.map((place) => sayPlace(place)), ...commits.flatMap((step) => step.secrets.map((place) => `${sayPlace(place)} in ${sayStep(step.commit)}`))]
  const unread = [...unscanned.map(({ path }) => path), ...commits.flatMap((step) => step.unscanned.map(({ path }) => `${path} in ${sayStep(step.commit)}`))]
  if (credentials.length === 0 && unread.length === 0) return []
  const places = [...new Set(credentials)]
  const said = [
    places.length === 0 ? '' : `${repo} adds what looks like ${count(credentials.length, 'credential')}: ${nameUpTo5(places)}`,
    unread.length === 0 ? '' : `${places.length === 0 ? `${repo} adds` : 'It adds'} more than is looked through for credentials: ${nameUpTo5(unread)}`,
  ]
  const paths = [...new Set([...found, ...unscanned, ...commits.flatMap((step) => [...step.secrets, ...step.unscanned])].map(({ path }) => path))]
  return [block('secret_found', repo, said.filter((text) => text !== '').join('. '), { paths, secrets: found, unscanned, ...(commits.length === 0 ? {} : { commits }) }, { sentence: 'Revoke it if it is real, and start a new run that leaves it out' })]
}

type Place = Pick<FoundSecret, 'path'> & { readonly rule?: string }

/**
 * Returns what tells whether a place of a commit is said of the round as a whole already. It is where all commits together have no more of that in the file
 * than the round: where they have more, one of them brought what another took away, which a harmless one may stand in the place of now.
 */
function findShown(round: SecretScan, steps: readonly SecretScan[]): (place: Place) => boolean {
  const [shown, all] = [tally([round]), tally(steps)]
  return (place) => (all.get(nameOf(place)) ?? 0) <= (shown.get(nameOf(place)) ?? 0)
}

function tally(scans: readonly SecretScan[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (const place of scans.flatMap(({ found, unscanned }): readonly Place[] => [...found, ...unscanned])) numbers.set(nameOf(place), (numbers.get(nameOf(place)) ?? 0) + 1)
  return numbers
}

function nameOf({ path, rule = '' }: Place): string {
  return `${rule}\0${path}`
}

function sayPlace({ path, line, rule }: FoundSecret): string {
  return `${path}:${line} (${rule})`
}
