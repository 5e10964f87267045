import type { AgentFace, ControlError, SandboxPolicy } from '@signalbox/core'

/** Finds credentials in text (DESIGN 8). */
export interface SecretRules {
  /** Changes whenever other rules would judge. */
  readonly version: string
  /** Where something looks like a credential, as offsets of characters with the end exclusive, in their order, and by which rule; never what it is. Looks no further after `atMost` places. */
  find(text: string, atMost: number): Promise<readonly { readonly rule: string; readonly start: number; readonly end: number }[]>
}

/** A command that the operating system is to confine. Paths are absolute. */
export interface ConfinedCommand {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Variables that only the confined processes get, not the one that confines them. */
  readonly inside: Readonly<Record<string, string>>
  /** Folder of ours for a home and a place for temporary files; made where it is missing. */
  readonly folder: string
  /** Folders it may write below; they cannot be moved or replaced from inside. */
  readonly write: readonly string[]
  /** What it must be able to read, wherever that lies. */
  readonly read: readonly string[]
  readonly policy: SandboxPolicy
}

/** Confines commands by means of the operating system (DESIGN 6). What it starts ends with the process that started it. */
export interface Sandbox {
  /** Why nothing can be confined on this machine, and what helps; undefined when it can. Found out by trying. */
  findHindrance(): Promise<{ readonly because: string; readonly hint: string } | undefined>
  /** Returns the command to start in place of this one. @throws ControlError `sandbox.unavailable` */
  confine(command: ConfinedCommand): Promise<{ readonly argv: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> }>
}

/** Serves the tools of one run to its agent, on loopback (DESIGN 12). */
export interface ToolServer {
  /** Answers whoever brings the token, until it is closed; then nothing of it is under way. */
  serve(face: AgentFace, token: string): Promise<{ readonly url: string; readonly close: () => Promise<void> }>
}

/** A lock held by a living process only: kill -9 releases it. */
export interface Locks {
  /** Runs `work` while holding the lock at `path`, waiting at most `waitMs`. @throws ControlError `state.locked` */
  hold<T>(path: string, work: () => Promise<T>, options?: { readonly waitMs?: number }): Promise<T>
}

/** Looks at lock files, and mends them. */
export interface LockCare {
  /** Says why nobody can hold a lock; undefined where it is free, held, or not there yet. */
  findDamage(path: string): ControlError | undefined
  /** Makes a damaged lock file whole; whoever holds it goes on holding it. @throws ControlError where it cannot be used for another reason */
  mend(path: string): void
}

export interface Clock {
  /** Now as an ISO 8601 UTC instant. */
  now(): string
}
