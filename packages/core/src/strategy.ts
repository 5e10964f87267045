import * as z from 'zod'

/**
 * How an approved round lands. `squash`: one commit. `merge`: a merge commit whose second parent is one synthesized commit. `keep`: the
 * agent's own commits as they are, and what they leave of the change as one more.
 */
export const mergeStrategies = ['squash', 'merge', 'keep'] as const
export const mergeStrategySchema = z.enum(mergeStrategies)
export type MergeStrategy = z.infer<typeof mergeStrategySchema>
