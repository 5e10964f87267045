import { codeOf, exitCodes, messageOf, type ErrorCode } from '@signalbox/core'
import { z } from '@hono/zod-openapi'

const codes = Object.keys(exitCodes) as [ErrorCode, ...ErrorCode[]]

/** What every failed call answers: a stable code, a sentence, the next action, and detail for machines. */
export const errorEnvelopeSchema = z.object({
  error: z.object({
    code: z.enum(codes),
    message: z.string(),
    hint: z.string().optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  }),
})
export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>

/** Returns the envelope of anything thrown; what is none of ours becomes `internal.unexpected`. */
export function envelopeOf(error: unknown): ErrorEnvelope {
  const code = codeOf(error)
  if (code === undefined) {
    return { error: { code: 'internal.unexpected', message: `Something unexpected went wrong: ${messageOf(error)}`, hint: 'Run `signalbox doctor`; if it stays, this is a bug worth reporting' } }
  }
  const { hint, data } = detailOf(error)
  return { error: { code, message: messageOf(error), ...(hint === undefined ? {} : { hint }), ...(data === undefined ? {} : { data }) } }
}

const detailSchema = z.object({ hint: z.string().optional(), data: z.record(z.string(), z.unknown()).optional() })

/** Reads hint and data by shape, not by class: the error may come from another installed copy of core. */
function detailOf(error: unknown): z.infer<typeof detailSchema> {
  const detail = detailSchema.safeParse(error)
  return detail.success ? detail.data : {}
}
