import type { AgentQuestion, AgentReport, HandoffDraft, TaskProposal } from './agent-requests.ts'
import type { DecisionId, SnapshotId, TaskId } from './ids.ts'
import type { Decision, Handoff, Quarantined, TaskStatus } from './records.ts'
import type { LoggedEvent } from './run-event.ts'
import type { FindingView, RunView, SearchResult, TaskView } from './views.ts'

/** What tools may look up without a run, and the one thing they may leave: a draft. No call of it approves, merges, deletes or starts anything. */
export interface GuestFace {
  search(query: string, options?: { readonly limit?: number | undefined }): Promise<{ results: readonly SearchResult[] }>
  listTasks(filter?: { readonly status?: TaskStatus | undefined }): Promise<{ tasks: readonly TaskView[]; quarantined: readonly Quarantined[] }>
  /** @throws `task.not_found`, `record.quarantined` */
  readTask(id: TaskId): Promise<TaskView>
  listDecisions(): Promise<{ records: readonly Decision[]; quarantined: readonly Quarantined[] }>
  /** @throws `decision.not_found`, `record.quarantined` */
  readDecision(id: DecisionId): Promise<Decision>
  /** Writes a draft, labelled `proposed`; a human says whether it is a task. @throws `access.denied` beyond the limit, `repo.not_found`, `input.invalid` */
  proposeTask(proposal: TaskProposal): Promise<TaskView>
}

/** What any process can answer the agent of one run. It is bound to that run: no call names another, and what it proposes links to it. */
export interface AgentRecordsFace extends GuestFace {
  /** Its own task when none is named. */
  readTask(id?: TaskId): Promise<TaskView>
  readRun(): Promise<RunView>
  /** The packet saved with the run, as Markdown. */
  readPacket(): Promise<{ markdown: string; hash: string }>
  /** Events with `seq` greater than `after` (0 for all). */
  readEvents(options?: { readonly after?: number | undefined }): Promise<{ events: readonly LoggedEvent[]; ended: boolean }>
  /** What reviewers found in this run, and what it was started to see to. */
  readFindings(): Promise<{ snapshot: SnapshotId | null; findings: readonly FindingView[] }>
  /** Writes a handoff of its own task and run; facts are filled in by us. @throws `access.denied` beyond the limit */
  draftHandoff(draft: HandoffDraft): Promise<Handoff>
}

/** Everything the agent of one run may ask of a control plane; what is new in it needs the process that looks after the run. */
export interface AgentFace extends AgentRecordsFace {
  /** Says how far it has come: a line of the transcript, and nothing else. @throws `run.not_active` */
  report(report: AgentReport): Promise<void>
  /**
   * Asks the human, for as long as it takes; the run waits meanwhile. Null once `cancel` fired: the question stays open, and the same
   * one asked again goes on waiting for it. @throws `access.denied` beyond the limit, `run.not_active`
   */
  ask(question: AgentQuestion, cancel: AbortSignal): Promise<{ answer: string | null }>
}
