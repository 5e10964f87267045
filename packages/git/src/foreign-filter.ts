import { ControlError, hasCode, type Oid } from '@signalbox/core'
import { conversionOf } from './conversion.ts'
import { readHumanSettings } from './human-settings.ts'
import type { InspectTools } from './inspect.ts'
import { gitInSource, type GitHere } from './source-ref.ts'
import { readAttributesFiles } from './tree-attributes.ts'

export interface FilteredCheckout {
  readonly checkout: string
  /** The commits between which it would be taken. */
  readonly commits: readonly Oid[]
  /** Where these are read. */
  readonly objects: GitHere
}

/**
 * Returns the refusal of a filter program that git would run in a checkout of the human on the way between some commits and
 * that is not allowed there as it is now; undefined when there is none. What is set up after a source was registered is seen here.
 */
export async function findForeignFilter({ git, env, filters }: InspectTools, { checkout, commits, objects }: FilteredCheckout): Promise<ControlError | undefined> {
  const drivers = await filters.findDrivers(checkout)
  if (drivers.size === 0 || filters.allowedOf(checkout, drivers.values()).size === drivers.size) return undefined
  const [settings, ...trees] = await Promise.all([readHumanSettings(git, env, { path: checkout }), ...commits.map((commit) => readAttributesFiles(objects, commit))])
  try {
    for (const inTree of trees) conversionOf(filters, { path: checkout, settings, inTree })
    return undefined
  } catch (error) {
    if (error instanceof ControlError && hasCode(error, 'repo.filter_not_allowed')) return error
    throw error
  }
}

/** Looks so at a checkout whose repository has the commits. */
export function findForeignFilterIn(tools: InspectTools, checkout: string, commits: readonly Oid[]): Promise<ControlError | undefined> {
  return findForeignFilter(tools, { checkout, commits, objects: gitInSource(tools.git, checkout) })
}
