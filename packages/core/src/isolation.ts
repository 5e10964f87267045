import * as z from 'zod'

/** How a run can be kept apart from the repositories of the human (DESIGN 6); `private` is the default. */
export const isolations = ['private', 'linked', 'sandbox'] as const

export const isolationSchema = z.enum(isolations, {
  error: ({ input }) => `${JSON.stringify(input)} is no isolation that is offered; there are ${isolations.slice(0, -1).join(', ')} and ${isolations.at(-1)}`,
})
export type Isolation = z.infer<typeof isolationSchema>

/** What sandboxed commands may do beside working in their workspace. A run keeps the policy it began with. */
export const sandboxPolicySchema = z.object({
  /** `allow`: the network of this machine. `deny`: none but a loopback of its own. */
  network: z.enum(['allow', 'deny']).default('allow'),
  /** Folders of the human it may write below as well, absolute or from `~/`; never their root. */
  write: z.array(z.string().regex(/^(~\/|\/)(?!\.{0,2}(\/|$))(?!.*\/\.\.(\/|$))/, 'a folder that may be written is absolute or begins with ~/, and has no .. in it')).default([]),
})
export type SandboxPolicy = z.infer<typeof sandboxPolicySchema>
