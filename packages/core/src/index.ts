export { isGreen, receiptSchema, type Receipt } from './check.ts'
export { configSchema, limitsSchema, policySchema, repoConfigSchema, type Config, type RepoConfig } from './config.ts'
export { codeOf, ControlError, exit, exitCodes, hasCode, httpStatusOf, messageOf, type ControlErrorOptions, type ErrorCode } from './errors.ts'
export { applyEvent, foldRun, latestRound, type MergeProgress, type Run, type RunState } from './fold-run.ts'
export { approvalText, findApprovalBlockers } from './gate-approval.ts'
export { countingReceipts, receiptsText } from './gate-checks.ts'
export type { CheckoutFacts, ConfiguredCheck, GateFacts, Known, MetadataChange, RepoFacts, TargetFacts } from './gate-facts.ts'
export { blockerCodes, blockerSchema, gateReportSchema, nameUpTo5, short, type Blocker, type BlockerCode, type GateReport } from './gate-report.ts'
export { quote } from './gate-target.ts'
export { blockersOfApproval, findBlockers, reportGate } from './gate.ts'
export {
  branchNameSchema,
  decisionIdSchema,
  effortIdSchema,
  handoffIdSchema,
  noteIdSchema,
  oidSchema,
  parseBranchName,
  parseOid,
  parseRepoName,
  parseRunId,
  parseRunOrSnapshot,
  parseSnapshotId,
  parseTaskId,
  repoNameSchema,
  runIdSchema,
  snapshotIdOf,
  snapshotIdSchema,
  taskIdSchema,
  type BranchName,
  type DecisionId,
  type EffortId,
  type HandoffId,
  type NoteId,
  type Oid,
  type RepoName,
  type RunId,
  type SnapshotId,
  type TaskId,
} from './ids.ts'
export { landingJournalSchema, landingRepoSchema, processIdentitySchema, type LandingJournal, type LandingOutcome, type LandingRepo, type LandingStep, type ProcessIdentity } from './landing.ts'
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
export {
  approvalSchema,
  isolations,
  outcomes,
  outcomeSchema,
  parseRunEvent,
  runRepoSchema,
  type Approval,
  type LandedRepo,
  type NewRunEvent,
  type Outcome,
  type RunEvent,
  type RunEventOf,
  type RunEventType,
  type RunRepo,
} from './run-event.ts'
export {
  diffFileSchema,
  digestText,
  repoDiffSchema,
  reportedPathSchema,
  snapshotRepoSchema,
  snapshotSchema,
  sourceStateSchema,
  type DiffFile,
  type RepoDiff,
  type ReportedPath,
  type Snapshot,
  type SnapshotRepo,
  type SourceState,
} from './snapshot.ts'
