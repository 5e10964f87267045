import * as z from 'zod'
import { count } from './amounts.ts'
import type { GateFacts, RepoFacts } from './gate-facts.ts'
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
export const keptScanSchema = z.object({ format: z.literal(1), digest: z.string(), rules: z.string(), repos: z.record(repoNameSchema, secretScanSchema) })
export type KeptScan = z.infer<typeof keptScanSchema>

/** Returns what the added lines of one changed repo have against a merge. What was not looked through to its end is named, for only a human can know it. */
export function findSecretBlockers({ run }: GateFacts, { repo, secrets }: RepoFacts): Blocker[] {
  if (!secrets.known) {
    return [block('facts_unavailable', repo, `The added lines of ${repo} could not be looked through for credentials: ${secrets.because}`, { because: secrets.because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${run}` })]
  }
  const { found, unscanned } = secrets.value
  if (found.length === 0 && unscanned.length === 0) return []
  const places = [...new Set(found.map(({ path, line, rule }) => `${path}:${line} (${rule})`))]
  const said = [
    places.length === 0 ? '' : `${repo} adds what looks like ${count(found.length, 'credential')}: ${nameUpTo5(places)}`,
    unscanned.length === 0 ? '' : `${places.length === 0 ? `${repo} adds` : 'It adds'} more than is looked through for credentials: ${nameUpTo5(unscanned.map(({ path }) => path))}`,
  ]
  const paths = [...new Set([...found, ...unscanned].map(({ path }) => path))]
  return [block('secret_found', repo, said.filter((text) => text !== '').join('. '), { paths, secrets: found, unscanned }, { sentence: 'Revoke it if it is real, and start a new run that leaves it out' })]
}
