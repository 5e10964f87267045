import type { RunCommits } from './agent-history.ts'
import type { Receipt } from './check.ts'
import type { CleanReport, CleanRequest } from './clean.ts'
import type { Forecast } from './forecast.ts'
import type { GateReport } from './gate-report.ts'
import type { HandoffId, RepoName, RunId, SnapshotId, TaskId } from './ids.ts'
import type { PushRequest, PushResult } from './push.ts'
import type { AnswerRequest } from './question.ts'
import type { Decision, Effort, Handoff, Note, Quarantined, TaskStatus } from './records.ts'
import type { Approval, LoggedEvent } from './run-event.ts'
import type { MergeStrategy } from './strategy.ts'
import type { Waiver } from './waiver.ts'
import type {
  ApprovalRequest,
  ChangesRequest,
  CommentRequest,
  MergeRequest,
  NewHandoff,
  NewRecord,
  NewRepo,
  NewRun,
  NewTask,
  Reason,
  RefreshRequest,
  RestoreRequest,
  ResumeRequest,
  SealRequest,
  TaskChanges,
  UndoRequest,
  WaiverRequest,
} from './requests.ts'
import type {
  AgentView,
  ContextView,
  Diagnosis,
  FindingView,
  MergeResult,
  Repair,
  RepoView,
  Restored,
  RunDiff,
  RunSummary,
  RunView,
  SearchResult,
  TaskView,
  TranscriptLine,
} from './views.ts'
import type { Why, WhyRequest } from './why.ts'

/** The kinds a human writes freely; tasks and handoffs have calls of their own. */
export type FreeKind = 'effort' | 'decision' | 'note'
export interface FreeRecordOf {
  readonly effort: Effort
  readonly decision: Decision
  readonly note: Note
}

/**
 * Everything a human may ask of a control plane. Agents never hold this type.
 * Every call may throw a `ControlError` with `memory.*`, `disk.*`, `state.locked` or `git.*`; each names its own below.
 */
export interface HumanFace {
  /** Registers a source repository. @throws `repo.*`, `input.invalid` */
  addRepo(repo: NewRepo): Promise<RepoView>
  listRepos(): Promise<{ repos: readonly RepoView[] }>
  /** Forgets a repo; nothing of the source is touched. @throws `repo.not_found`, `repo.in_use` */
  removeRepo(name: RepoName): Promise<RepoView>

  createTask(task: NewTask): Promise<TaskView>
  listTasks(filter?: { readonly status?: TaskStatus | undefined }): Promise<{ tasks: readonly TaskView[]; quarantined: readonly Quarantined[] }>
  /** @throws `task.not_found`, `record.quarantined` */
  readTask(id: TaskId): Promise<TaskView>
  /** @throws `task.not_found`, `record.changed_underneath`, `record.quarantined` */
  editTask(id: TaskId, changes: TaskChanges): Promise<TaskView>
  /** The ready task to take next: dependencies done, then priority, then age; null when none is. */
  nextTask(): Promise<{ task: TaskView | null; because: string }>

  createRecord<K extends FreeKind>(kind: K, record: NewRecord): Promise<FreeRecordOf[K]>
  listRecords<K extends FreeKind>(kind: K): Promise<{ records: readonly FreeRecordOf[K][]; quarantined: readonly Quarantined[] }>
  readRecord<K extends FreeKind>(kind: K, id: string): Promise<FreeRecordOf[K]>

  createHandoff(handoff: NewHandoff): Promise<Handoff>
  listHandoffs(filter?: { readonly task?: TaskId | undefined }): Promise<{ handoffs: readonly Handoff[]; quarantined: readonly Quarantined[] }>
  readHandoff(id: HandoffId): Promise<Handoff>

  /** The packet a run of this task would get now. `budget` in tokens. */
  readContext(task: TaskId, options?: { readonly budget?: number | undefined }): Promise<ContextView>

  /** The agents that a run may name. */
  listAgents(): Promise<{ agents: readonly AgentView[] }>
  /** Starts a run and returns once its supervisor owns it. @throws `task.closed`, `task.no_repos`, `agent.not_found`, `repo.*`, `snapshot.not_found`, `input.invalid` when it cannot begin with the snapshot that was named */
  startRun(task: TaskId, run: NewRun): Promise<RunView>
  listRuns(filter?: { readonly task?: TaskId | undefined }): Promise<{ runs: readonly RunSummary[]; quarantined: readonly Quarantined[] }>
  readRun(id: RunId): Promise<RunView>
  /** Events with `seq` greater than `after` (0 for all). */
  readEvents(id: RunId, options?: { readonly after?: number | undefined }): Promise<{ events: readonly LoggedEvent[]; ended: boolean }>
  /** Transcript lines from byte `from` on, whole lines only; `next` is where to go on. */
  readTranscript(id: RunId, options?: { readonly from?: number | undefined }): Promise<{ lines: readonly TranscriptLine[]; next: number }>
  /** The packet saved with the run, as Markdown. */
  readPacket(id: RunId): Promise<{ markdown: string; hash: string }>
  /** Ends the run's whole process tree and waits for its seal. @throws `run.not_active` */
  cancelRun(id: RunId, reason?: Reason): Promise<RunView>
  /** Lets the agent of an ended run go on in its workspace; what it leaves is the next round. Returns once its supervisor owns it. @throws `resume.refused`, `run.active`, `run.already_merged`, `task.closed` */
  resumeRun(id: RunId, request?: ResumeRequest): Promise<RunView>
  /** Answers what the agent of a run asked; without a question, the one that is open. @throws `question.not_found`, `question.not_open`, `input.invalid` when several are open, or a yes is given where words are asked for */
  answer(id: RunId, request: AnswerRequest): Promise<RunView>

  /**
   * The diff of a snapshot, the latest round when none is named; with `since`, only what its author changed since that
   * older one, also where the base moved; with `commit` only what one commit of the agent changed, named by the beginning of its id, or `rest` for what is in none.
   * @throws `snapshot.not_found`, `repo.not_found`, `commit.not_found`, `input.invalid` when `since` is not older
   */
  diff(id: RunId, options?: { readonly round?: number | undefined; readonly repo?: RepoName | undefined; readonly since?: number | undefined; readonly commit?: string | undefined }): Promise<RunDiff>
  /** The agent's own commits that led to a snapshot, the latest round when none is named. @throws `snapshot.not_found` */
  readCommits(id: RunId, options?: { readonly round?: number | undefined }): Promise<RunCommits>
  /**
   * Writes the exact bytes of a snapshot, the latest round when none is named, to a folder of this machine that is empty or not there yet.
   * Never offered over the network. @throws `snapshot.not_found`, `folder.taken`, `input.invalid`, `disk.*`
   */
  restore(id: RunId, request: RestoreRequest): Promise<Restored>
  /**
   * Seals what the workspace holds, or a part of a round, as the next round; may then take in what the run wrote beside it as one more, or record that this was the human; `record.changed_underneath` where that is not what was seen.
   * @throws `run.active`, `run.already_merged`, `run.not_escaped`, `record.changed_underneath`, `snapshot.not_found`, `input.invalid` for a choice that is not there, `refresh.conflict` while conflicts are not settled
   */
  sealRun(id: RunId, request?: SealRequest): Promise<RunView>
  /** Runs all configured checks on the latest round. @throws `run.active`, `snapshot.not_found` */
  checkRun(id: RunId): Promise<{ receipts: readonly Receipt[] }>
  /** Whether it may land, by a strategy; as it was approved when none is named. */
  gate(id: RunId, options?: { readonly strategy?: MergeStrategy | undefined }): Promise<GateReport>
  /** Lets what blocks under one code not block the latest round, with a reason. @throws `waiver.not_needed`, `gate.blocked` when the round is not the one named, `record.changed_underneath` when the blocker is not, `run.active`, `run.already_merged` */
  waive(id: RunId, request: WaiverRequest): Promise<{ waivers: readonly Waiver[] }>
  /** @throws `gate.blocked` with the report as `data.report`, `snapshot.not_found`, `run.already_merged` */
  approve(id: RunId, request?: ApprovalRequest): Promise<{ approval: Approval }>
  /**
   * Lands the approved round. With `refresh`, where only targets moved since: refreshes it, checks it, and where its change is the same and nothing else
   * blocks, carries the approval over and lands it. @throws `gate.blocked` (with `data.refreshed` once there is a new round), `merge.stopped`, `run.already_merged` (with the result as `data`)
   */
  merge(id: RunId, request?: MergeRequest): Promise<MergeResult>
  /**
   * Brings the approved round to a branch of a remote in all its repos, one by one, and may open pull requests. It only makes a branch or takes it forward; asked again, it goes on with what is missing.
   * @throws `gate.blocked`, `push.stopped`, `remote.not_found`, `run.already_merged`; `forge.*` once everything is pushed
   */
  push(id: RunId, request?: PushRequest): Promise<PushResult>
  /**
   * Computes the latest round on the moved targets as a new round. With `resolve`, where it conflicts, makes the checkouts of the workspace anew there and merges it in, for
   * somebody to settle and seal; with `agent` too, starts a run of the task that does so, and returns that one. @throws `refresh.not_needed`, `refresh.conflict`, `workspace.changed` when the workspace holds what is in no round
   */
  refresh(id: RunId, request?: RefreshRequest): Promise<RunView>
  /** What reviewers found, each where it lies in the latest round; `snapshot` is that round, null before the first. @throws `record.quarantined` when that cannot be read, `format.newer` */
  readFindings(id: RunId): Promise<{ snapshot: SnapshotId | null; findings: readonly FindingView[] }>
  /**
   * Opens a finding, replies to one, or says what became of it. @throws `run.active`, `finding.not_found`, `snapshot.not_found`, `repo.not_found`, `file.not_found`, `file.binary`, `line.not_found`,
   * `record.quarantined`, `record.changed_underneath`, `finding.settled` for what is so already
   */
  comment(id: RunId, request: CommentRequest): Promise<{ finding: FindingView }>
  /**
   * Sends the open findings of the latest round to an agent, in one message: the run goes on in its workspace, or with `agent` a new run of the task begins with that round. Returns the one at work.
   * @throws `input.invalid` when nothing is open and nothing is said, and as `resumeRun` or `startRun`
   */
  requestChanges(id: RunId, request?: ChangesRequest): Promise<RunView>
  reject(id: RunId, reason?: Reason): Promise<RunView>
  /**
   * Takes a landing back where nothing was built on top; with `asRun` moves nothing and makes a run that takes it back, or names the one that is open.
   * @throws `run.not_merged`, `undo.refused`, `merge.stopped`
   */
  undo(id: RunId, request?: UndoRequest): Promise<MergeResult>

  /** How open runs would land: each on its target now, each after another one, and a good order. Computed on trees; nothing is checked out. */
  forecast(): Promise<Forecast>
  /** How one line of a source came to be: commit, landing, approval, run, packet, task. @throws `repo.not_found`, `file.not_found`, `file.binary`, `line.not_found` */
  why(request: WhyRequest): Promise<Why>

  search(query: string, options?: { readonly limit?: number | undefined }): Promise<{ results: readonly SearchResult[] }>
  rebuildIndex(): Promise<{ records: number; quarantined: number }>
  /** Removes workspaces that nobody needs any more, and says why each other stays. Rounds, logs and handoffs stay. @throws `run.not_found` */
  clean(request?: CleanRequest): Promise<CleanReport>
  /** Looks at everything; with `fix` repairs first what is safe to repair, and says what it did. */
  doctor(options?: { readonly fix?: boolean | undefined }): Promise<{ diagnoses: readonly Diagnosis[]; repairs: readonly Repair[] }>
}
