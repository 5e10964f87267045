import * as z from 'zod'

/** A filter by its name in gitattributes. */
export const filterNameSchema = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'a filter name is 1 to 64 letters, digits, _, . and -, as it stands in gitattributes')

/** A program that git has files go through, as a human allowed it. */
export const allowedFilterSchema = z.object({
  name: filterNameSchema,
  /** sha256, in hex, over its settings and the bytes of its programs. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})
export type AllowedFilter = z.infer<typeof allowedFilterSchema>

/** What somebody wants to allow: with a digest, or its beginning, only that; without one, whatever the program is now. */
export const filterRequestSchema = z.object({ name: filterNameSchema, digest: z.string().regex(/^[0-9a-f]{12,64}$/, 'a digest is at least the first 12 of its hex digits').optional() })
export type FilterRequest = z.infer<typeof filterRequestSchema>

/** What was allowed on one machine, by the git directory of each repository. Kept in the state folder, never in the memory repo. */
export const filterConsentsSchema = z.object({ format: z.literal(1), allowed: z.record(z.string(), z.array(allowedFilterSchema)) })
export type FilterConsents = z.infer<typeof filterConsentsSchema>
