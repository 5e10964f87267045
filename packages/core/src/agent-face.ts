import type { Handoff } from './records.ts'
import type { LoggedEvent } from './run-event.ts'
import type { HandoffDraft } from './requests.ts'
import type { SnapshotId } from './ids.ts'
import type { FindingView, RunView, SearchResult } from './views.ts'

/**
 * Everything the agent of one run may ask of a control plane. It is bound to that run: no call names another, and none
 * approves, merges, deletes or changes a task.
 */
export interface AgentFace {
  readRun(): Promise<RunView>
  /** The packet saved with the run, as Markdown. */
  readPacket(): Promise<{ markdown: string; hash: string }>
  /** Events with `seq` greater than `after` (0 for all). */
  readEvents(options?: { readonly after?: number | undefined }): Promise<{ events: readonly LoggedEvent[]; ended: boolean }>
  /** What reviewers found in this run, and what it was started to see to. */
  readFindings(): Promise<{ snapshot: SnapshotId | null; findings: readonly FindingView[] }>
  search(query: string, options?: { readonly limit?: number | undefined }): Promise<{ results: readonly SearchResult[] }>
  /** Writes a handoff of its own task and run; facts are filled in by us. */
  draftHandoff(draft: HandoffDraft): Promise<Handoff>
}
