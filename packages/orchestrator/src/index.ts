export { createAgentFace } from './agent-face.ts'
export { createServices, openHumanFace } from './control-plane.ts'
export { readJsonIfThere, writeDurably } from './durable-file.ts'
export { findOrSay, type Finding } from './finding.ts'
export { createLive } from './live.ts'
export type {
  Agent,
  AgentCommand,
  CapturedRepo,
  Care,
  Changes,
  CheckoutRef,
  Clock,
  CommitOutcome,
  ConfinedCommand,
  GitReach,
  InspectedSource,
  JournalFile,
  Landing,
  LandingRequest,
  Listing,
  Locks,
  Memory,
  Packets,
  PacketTarget,
  RecordWatch,
  RefreshedRepo,
  Sandbox,
  Search,
  Snapshots,
  SourceRef,
  Sources,
  Tripwire,
  Workspaces,
} from './ports.ts'
export { identifyProcess, signalProcess } from './process-tree.ts'
export { recover } from './recover.ts'
export type { Collaborators, Services } from './services.ts'
export { supervise } from './supervise.ts'
