export { ago, count, duration, shortId, size } from './amounts.ts'
export { agentEventSchema, agentEventTypes, stopReasons, toolKinds, toolStatuses, type AgentEvent, type AgentEventOf, type ClaimedEdit, type StopReason, type ToolKind, type ToolStatus } from './agent-event.ts'
export type { AgentFace, AgentRecordsFace, GuestFace } from './agent-face.ts'
export {
  agentQuestionSchema,
  agentReportSchema,
  draftLimit,
  handoffDraftSchema,
  proposalLimit,
  questionLimit,
  unansweredLimit,
  taskProposalSchema,
  type AgentQuestion,
  type AgentReport,
  type HandoffDraft,
  type TaskProposal,
} from './agent-requests.ts'
export { sayAgentEvent } from './agent-words.ts'
export { sayEvent } from './event-words.ts'
export type { Agent, AgentAbilities, AgentCommand, AgentPresence, Conversation, ConversationEnd, Launch, PermissionAnswer, PermissionRequest } from './agent-port.ts'
export { agentCommitSchema, agentHistorySchema, commitsText, runCommitsSchema, type AgentCommit, type AgentHistory, type KeptRepo, type RunCommits } from './agent-history.ts'
export { isOwnAdvance, type Advance, type OwnAdvance } from './advance.ts'
export {
  answerRequestSchema,
  answerSchema,
  askedSchema,
  nextQuestionId,
  openQuestions,
  questionIdSchema,
  questionSchema,
  suits,
  type Answer,
  type AnswerRequest,
  type Asked,
  type Question,
  type QuestionId,
} from './question.ts'
export { decidePermission, permissionDecisions, permissionPolicySchema, permissionRuleSchema, type PermissionDecision, type PermissionFacts, type PermissionPolicy, type PermissionRule, type PermissionVerdict } from './permission.ts'
export { changedPaths, claimGapSchema, claimsSchema, findClaimGap, joinClaims, openClaims, type ClaimBook, type ClaimGap, type Claims, type RepoPath } from './claims.ts'
export { addUsage, findOverspent, noUsage, raiseLimits, spendingLimitsSchema, spentOf, spentSchema, type SpendingLimits, type Spent, type UsageSums } from './spending.ts'
export { nextRoomLookMs, roomFloor, roomReserve, type DiskSpace } from './disk-room.ts'
export { isGreen, receiptSchema, type Receipt } from './check.ts'
export {
  checkpointPolicySchema,
  chooseThinned,
  findCheckpointReason,
  isComputed,
  nextTryAt,
  type CheckpointFacts,
  type CheckpointPolicy,
  type CheckpointReason,
  type SavedMoment,
} from './checkpoint.ts'
export { agentTemplateSchema, configSchema, limitsSchema, policySchema, repoConfigSchema, repoPathsSchema, type AgentTemplate, type Config, type RepoConfig } from './config.ts'
export {
  cleanReportSchema,
  cleanRequestSchema,
  findStanding,
  judgeCleaning,
  type CleanReport,
  type CleanRequest,
  type CleanVerdict,
  type KeepReason,
  type LeftCheckout,
  type Standing,
  type Unsaved,
  type WorkspaceFacts,
} from './clean.ts'
export { codeOf, ControlError, exit, exitCodes, hasCode, httpStatusOf, messageOf, type ControlErrorOptions, type ErrorCode } from './errors.ts'
export { applyEvent, foldRun } from './fold-run.ts'
export { formats, newerFormat, refuseNewer, refuseUnknown, sayUnknown } from './formats.ts'
export { approvalText, findApprovalBlockers } from './gate-approval.ts'
export type { KeptFacts, StepFacts } from './gate-keep.ts'
export { countingReceipts, receiptsText } from './gate-checks.ts'
export type { Busy, CheckoutFacts, ConfiguredCheck, GateFacts, Known, MetadataChange, RepoFacts, SourceFacts, TargetFacts } from './gate-facts.ts'
export { isChangeReadable } from './gate-readable.ts'
export { blockerCodes, blockerSchema, gateReportSchema, nameUpTo5, waivedSchema, type Blocker, type BlockerCode, type GateReport, type Waived } from './gate-report.ts'
export { reportPush, type PushFacts, type RemoteTarget } from './gate-push.ts'
export { keptScanSchema, type FoundSecret, type KeptScan, type SecretScan } from './gate-secrets.ts'
export { LEAST_CHARACTERS, revertSearchSchema, withoutDeclared, type LandedRevert, type RevertSearch } from './gate-reverts.ts'
export {
  anchoredText,
  applyFact,
  emptyReview,
  findingStates,
  nextFindingId,
  openFindings,
  parseFact,
  sayUnknownFact,
  sides,
  type Anchor,
  type Finding,
  type FindingState,
  type NewFact,
  type Review,
  type ReviewFact,
  type UnknownFact,
} from './findings.ts'
export { judgedFinding, type OpenFinding } from './gate-findings.ts'
export { placeLines, splitLines, type LineRange } from './place-lines.ts'
export { quote } from './quote.ts'
export { listHunks, type ListedHunk } from './list-hunks.ts'
export { factsText } from './facts-text.ts'
export { blockersOfApproval, findBlockers, isHeldUpByTargets, reportGate } from './gate.ts'
export {
  branchNameSchema,
  decisionIdSchema,
  effortIdSchema,
  findingIdSchema,
  handoffIdSchema,
  noteIdSchema,
  oidSchema,
  parseBranchName,
  parseFindingId,
  parseOid,
  parseRepoName,
  parseRunId,
  parseRunOrSnapshot,
  parseSnapshotId,
  parseTaskId,
  repoNameSchema,
  runBranch,
  runIdSchema,
  snapshotIdOf,
  snapshotIdSchema,
  snapshotNumber,
  taskIdSchema,
  type BranchName,
  type DecisionId,
  type EffortId,
  type FindingId,
  type HandoffId,
  type NoteId,
  type Oid,
  type RepoName,
  type RunId,
  type SnapshotId,
  type TaskId,
} from './ids.ts'
export { pairRounds, sayInterdiff, sinceSchema, type ComparedRounds, type RoundPair, type Since, type SinceRepo } from './interdiff.ts'
export { allowedFilterSchema, filterConsentsSchema, filterNameSchema, filterRequestSchema, type AllowedFilter, type FilterConsents, type FilterRequest } from './filters.ts'
export { isolations, isolationSchema, sandboxPolicySchema, type Isolation, type SandboxPolicy } from './isolation.ts'
export { landingJournalSchema, landingRepoSchema, parseJournal, processIdentitySchema, type LandingJournal, type LandingOutcome, type LandingRepo, type LandingStep, type ProcessIdentity } from './landing.ts'
export type { Live, LiveChange, Unfollow } from './live.ts'
export { sayIssue, type SchemaIssue } from './issue-words.ts'
export { invalidInput, parseInput } from './parse-input.ts'
export { writePullRequest, type PullRequestFacts } from './pull-request.ts'
export { evidenceOf, findPush, isPushed, pushRequestSchema, pushResultSchema, pushSchema, remoteNameSchema, type Push, type PushedRepo, type PushMove, type PushRequest, type PushResult } from './push.ts'
export { packetItemSchema, packetSchema, packetSections, packetSectionSchema, type Packet, type PacketItem, type PacketSection } from './packet.ts'
export {
  baseBranchOf,
  baseBranchSchema,
  decisionSchema,
  effortSchema,
  fieldsSchemas,
  handoffFieldsSchema,
  handoffSchema,
  noteSchema,
  quarantinedSchema,
  recordKinds,
  recordLayout,
  scopeSchema,
  taskRevisionText,
  taskSchema,
  taskStatuses,
  taskStatusSchema,
  type BaseBranch,
  type Decision,
  type Effort,
  type Handoff,
  type Note,
  type Quarantined,
  type RecordKind,
  type RecordOf,
  type Scope,
  type Task,
  type TaskStatus,
} from './records.ts'
export { mergeStrategies, mergeStrategySchema, type MergeStrategy } from './strategy.ts'
export { approvedStrategy, isPart, isReviewable, isWorkspaceLost, keptCheckpoints, keptSnapshots, latestRound, workspaceBase, type Merged, type MergeProgress, type Resolving, type Run, type RunState, type StuckMerge } from './run.ts'
export {
  approvalSchema,
  outcomes,
  isKnown,
  outcomeSchema,
  parseLoggedEvent,
  formatOfEvent,
  parseRunEvent,
  conflictSchema,
  parseShownEvent,
  runRepoSchema,
  takesBackSchema,
  type Approval,
  type LandedRepo,
  type LoggedEvent,
  type NewRunEvent,
  type Outcome,
  type RunEvent,
  type RunEventOf,
  type RunEventType,
  type Conflict,
  type RunRepo,
  type Survivor,
  type TakesBack,
  type UnknownEvent,
} from './run-event.ts'
export {
  diffFileSchema,
  digestText,
  repoDiffSchema,
  reportedPathSchema,
  reportedSchema,
  snapshotRepoSchema,
  snapshotSchema,
  sourceStateSchema,
  type DiffFile,
  type RepoDiff,
  type Reported,
  type ReportedPath,
  type Snapshot,
  type SnapshotRepo,
  type SourceState,
  type LeftOut,
} from './snapshot.ts'
export {
  blockingChanges,
  isAcceptable,
  evidenceSchema,
  hidesBlocking,
  isGuarded,
  isOpenLook,
  isUnsettled,
  listChanges,
  lookAt,
  sourceChangeSchema,
  sourceLookSchema,
  type Evidence,
  type SourceChange,
  type SourceLook,
} from './source-change.ts'
export { compareFingerprints, sourceDifferenceSchema, sourceFingerprintSchema, sourceFingerprintsSchema, sourceParts, type SourceDifference, type SourceFingerprint, type SourceFingerprints, type SourcePart } from './source-fingerprint.ts'
export {
  forecastSchema,
  forecastTargetSchema,
  orderLandings,
  standingOf,
  type Forecast,
  type ForecastPair,
  type ForecastRun,
  type ForecastStep,
  type ForecastTarget,
} from './forecast.ts'
export type { FreeKind, FreeRecordOf, HumanFace } from './human-face.ts'
export {
  findKeeping,
  landingsIn,
  nextOfLine,
  parseClaims,
  pushesIn,
  verifyClaims,
  whyRequestSchema,
  whySchema,
  type BlamedCommit,
  type BlamedLine,
  type ClaimFacts,
  type CommitClaims,
  type RecordedLanding,
  type Why,
  type WhyRequest,
} from './why.ts'
export { timelineOf } from './timeline.ts'
export {
  approvalRequestSchema,
  changesRequestSchema,
  commentRequestSchema,
  mergeRequestSchema,
  newHandoffSchema,
  newRecordSchema,
  newRepoSchema,
  newRunSchema,
  newTaskSchema,
  reasonSchema,
  restoreRequestSchema,
  resumeRequestSchema,
  partChoiceSchema,
  sealRequestSchema,
  refreshRequestSchema,
  undoRequestSchema,
  taskChangesSchema,
  waiverRequestSchema,
  type ApprovalRequest,
  type ChangesRequest,
  type Comment,
  type CommentRequest,
  type MergeRequest,
  type NewHandoff,
  type NewRecord,
  type NewRepo,
  type NewRun,
  type NewTask,
  type Reason,
  type RestoreRequest,
  type ResumeRequest,
  type PartChoice,
  type SealOrder,
  type SealRequest,
  type RefreshRequest,
  type UndoRequest,
  type TaskChanges,
  type WaiverRequest,
} from './requests.ts'
export {
  agentViewSchema,
  contextViewSchema,
  diagnosisSchema,
  findingViewSchema,
  mergeResultSchema,
  mergeStates,
  repairSchema,
  repoViewSchema,
  runDiffSchema,
  runSummarySchema,
  runViewSchema,
  searchResultSchema,
  taskViewSchema,
  transcriptLineSchema,
  type AgentView,
  type ContextView,
  type Diagnosis,
  type FindingView,
  type MergeResult,
  type Repair,
  type RepoView,
  type RunDiff,
  type RunSummary,
  type RunView,
  type SearchResult,
  type TaskView,
  type TimelineEntry,
  type TranscriptLine,
  restoredSchema,
  type Restored,
} from './views.ts'
export { chooseBlockers, countingWaivers, isWaivable, waivableCodes, waiverSchema, waiversText, waiverText, type JudgedWaiver, type WaivableCode, type Waiver } from './waiver.ts'
export { resolveHome, type HomeChoice, type RunHome } from './home.ts'
export { doubtLanding, type LandingFacts } from './landing-doubt.ts'
export { startAgainWords, startWords } from './start-words.ts'
export { findOpenDependencies } from './open-dependencies.ts'
export { sayStrayRepos } from './stray-repos.ts'
export { answerWords, asksToSeal, isEscaped, nameChange, pushWords, sayAllReported, sayAnswer, sayApproval, sayEscape, sayHome, sayIsolation, sayLeftOut, sayLook, sayLooks, sayNames, sayOutcome, sayPlace, sayPushed, sayReason, sayRequest, saySurvivors, settleWords } from './words.ts'
