import * as z from 'zod'
import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { isChangeReadable } from './gate-readable.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import { oidSchema, type RepoName } from './ids.ts'
import type { Run } from './run.ts'

/** A place where a change undoes exactly what a commit in the history of its base did. */
export const landedRevertSchema = z.object({
  path: z.string(),
  commit: oidSchema,
  subject: z.string(),
  /** The file as a whole is again what it was before that commit; else one hunk of it is. */
  whole: z.boolean(),
  /** Letters and digits in the lines that go and come back, of the largest hunk or the whole file; null where the content is binary or too large. */
  characters: z.int().nullable(),
})
export type LandedRevert = z.infer<typeof landedRevertSchema>

/** What the search of one repo's history found. */
export const revertSearchSchema = z.object({
  reverts: z.array(landedRevertSchema).readonly(),
  /** Files with more history than is compared, so that nobody knows. */
  unseen: z.array(z.string()).readonly(),
})
export type RevertSearch = z.infer<typeof revertSearchSchema>

/**
 * Letters and digits a hunk must hold to count, as many as git wants before it calls lines moved. Fewer would take any
 * bracket or flag that goes back and forth for lost work; more would miss a fix of one line.
 */
export const LEAST_CHARACTERS = 20

/** Returns whether a change takes back what somebody landed: an agent with an old view of a file does, without meaning to. What was not looked at is named, for only a human can know it. */
export function findRevertBlockers({ run }: GateFacts, judged: RepoFacts): Blocker[] {
  const { repo, reverts } = judged
  if (!reverts.known) {
    // Where the round itself cannot be read, that is the reason given.
    if (!isChangeReadable(judged)) return []
    return [block('facts_unavailable', repo, `Whether ${repo} takes back landed work could not be told: ${reverts.because}`, { because: reverts.because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${run}` })]
  }
  const counting = reverts.value.reverts.filter(counts)
  const { unseen } = reverts.value
  if (counting.length === 0 && unseen.length === 0) return []
  const named = counting.map(({ path, commit, subject }) => `${path} undoes ${commit.slice(0, 10)} (${subject})`)
  const said = [
    named.length === 0 ? '' : `${repo} takes back landed work: ${nameUpTo5(named)}`,
    unseen.length === 0 ? '' : `${named.length === 0 ? repo : 'It'} changes files with too much history to tell whether they take back landed work: ${nameUpTo5(unseen)}`,
  ]
  const paths = [...new Set([...counting.map(({ path }) => path), ...unseen])]
  return [
    block('reverts_landed_work', repo, said.filter((text) => text !== '').join('. '), { paths, reverts: counting, unseen }, {
      sentence: counting.length === 0 ? 'Look at what changed in those files since, or leave them out' : 'Bring what those commits did back in the workspace and seal again, or start a new run on the target as it is',
      command: `signalbox ${counting.length === 0 ? 'diff' : 'seal'} ${run}`,
    }),
  ]
}

/**
 * Leaves out what a run was made to take back, as its first event says. A round that we computed takes back nothing else; in
 * one that somebody edited, everything but that landing counts.
 */
export function withoutDeclared({ takesBack, captured }: Pick<Run, 'takesBack' | 'captured'>, repo: RepoName, search: RevertSearch): RevertSearch {
  const declared = takesBack?.repos.find((landed) => landed.repo === repo)
  if (declared === undefined) return search
  if (captured === undefined) return { reverts: [], unseen: [] }
  return { ...search, reverts: search.reverts.filter(({ commit }) => commit !== declared.to) }
}

/** A whole file counts by any letter that differs; blanks alone never do. */
function counts({ whole, characters }: LandedRevert): boolean {
  return characters === null || characters >= (whole ? 1 : LEAST_CHARACTERS)
}
