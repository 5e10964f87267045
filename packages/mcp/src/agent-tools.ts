import { agentQuestionSchema, agentReportSchema, handoffDraftSchema, taskIdSchema, type AgentFace } from '@signalbox/core'
import * as z from 'zod'
import { lookupTools } from './guest-tools.ts'
import { defineTool, say, type Tool } from './tool.ts'

/** Returns the tools of the agent of one run. */
export function agentTools(face: AgentFace): readonly Tool[] {
  return [
    defineTool({
      name: 'read_packet',
      description: 'Reads the context packet of this run again: the task, its acceptance, the decisions and notes it must respect.',
      input: z.strictObject({}),
      reads: true,
      call: async () => (await face.readPacket()).markdown,
    }),
    defineTool({
      name: 'read_task',
      description: 'Reads a task by its id, such as T0012; without an id, the task of this run.',
      input: z.strictObject({ id: taskIdSchema.optional() }),
      reads: true,
      call: async ({ id }) => say(await face.readTask(id)),
    }),
    ...lookupTools(face),
    defineTool({
      name: 'report_progress',
      description: 'Says in a line or two how far the work has come. The human may see it; nobody answers.',
      input: z.strictObject(agentReportSchema.shape),
      reads: false,
      call: async (report) => {
        await face.report(report)
        return 'Noted.'
      },
    }),
    defineTool({
      name: 'ask_human',
      description:
        'Asks the human a question and waits for the answer, for minutes or hours: ask only what the packet leaves open and work cannot go on without. `options` are answers you propose. If the call ends before there is an answer, the question stays open; ask the very same again to go on waiting.',
      input: z.strictObject(agentQuestionSchema.shape),
      reads: false,
      call: async (question, { signal }) => {
        const { answer } = await face.ask(question, signal)
        return answer ?? 'Not answered yet. The question stays open; ask the very same again to go on waiting.'
      },
    }),
    defineTool({
      name: 'draft_handoff',
      description: 'Leaves a handoff of this run: what was done, what is next, what stands in the way. `claims` is what you checked yourself; files and receipts are filled in from what was seen.',
      input: z.strictObject(handoffDraftSchema.shape),
      reads: false,
      call: async (draft) => `Drafted as ${(await face.draftHandoff(draft)).id}.`,
    }),
  ]
}
