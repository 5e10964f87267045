import * as z from 'zod'
import { newHandoffSchema, newTaskSchema } from './requests.ts'

// What an agent sends. It is bounded, for nobody watches how much it says.

/** Tasks that one run may propose. */
export const proposalLimit = 20

/** Handoffs that one run may draft. */
export const draftLimit = 20

/** Questions in words that one run may ask. */
export const questionLimit = 50

/** Permissions that one run may ask for without an answer to them; more are refused. What a human answers is not bounded. */
export const unansweredLimit = 200

const words = (atMost: number) => z.string().trim().min(1).max(atMost)

/** A task that an agent thinks should be done. It becomes a draft: a human decides whether it is one. */
export const taskProposalSchema = z.object({
  title: newTaskSchema.shape.title,
  body: z.string().max(20_000).default(''),
  repos: newTaskSchema.shape.repos.unwrap().max(50).default([]),
})
export type TaskProposal = z.input<typeof taskProposalSchema>

/** A question in words; `options` are answers it proposes, and any other text is one too. */
export const agentQuestionSchema = z.object({ text: words(8_000), options: z.array(words(200)).max(10).default([]) })
export type AgentQuestion = z.input<typeof agentQuestionSchema>

/** What an agent says of how far it has come. */
export const agentReportSchema = z.object({ text: words(2_000) })
export type AgentReport = z.input<typeof agentReportSchema>

/** A handoff that the agent of a run drafts: of its own task and run, which it does not name. */
export const handoffDraftSchema = z.object({
  what: newHandoffSchema.shape.what.max(10_000),
  next: newHandoffSchema.shape.next.max(10_000),
  blocker: words(10_000).nullable().default(null),
  /** Validation it claims; shown as claims. */
  claims: z.array(words(1_000)).max(50).default([]),
  body: z.string().max(50_000).default(''),
})
export type HandoffDraft = z.input<typeof handoffDraftSchema>
