import * as z from 'zod'

/** How a run can be kept apart from the repositories of the human (DESIGN 6); `private` is the default. */
export const isolations = ['private', 'linked'] as const

export const isolationSchema = z.enum(isolations, {
  error: ({ input }) => `${JSON.stringify(input)} is no isolation that is offered; there are ${isolations.join(' and ')}`,
})
export type Isolation = z.infer<typeof isolationSchema>
