export { createAgentFace, createGuestFace } from './agent-face.ts'
export { createServices, openHumanFace } from './control-plane.ts'
export { readJsonIfThere, writeDurably } from './durable-file.ts'
export { findOrSay, type DoctorLine } from './doctor-line.ts'
export { createLive } from './live.ts'
export type {
  CapturedRepo,
  Care,
  CheckoutRef,
  GitReach,
  InspectedSource,
  RefreshedRepo,
  Snapshots,
  SourceRef,
  Sources,
  Tripwire,
  Workspaces,
} from './git-ports.ts'
export type { JournalFile, Landing, LandingRequest, Remotes } from './landing-ports.ts'
export type { Changes, CommitOutcome, Listing, Memory, Packets, PacketTarget, RecordWatch, Search } from './memory-ports.ts'
export type { Clock, ConfinedCommand, Locks, Sandbox, ToolServer } from './ports.ts'
export { identifyProcess, signalProcess } from './process-tree.ts'
export { recover } from './recover.ts'
export type { Collaborators, Services } from './services.ts'
export { supervise } from './supervise.ts'
