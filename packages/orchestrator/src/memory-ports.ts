import type {
  BranchName,
  Config,
  Oid,
  Packet,
  Quarantined,
  RecordKind,
  RecordOf,
  RepoConfig,
  RepoName,
  RunId,
  SearchResult,
  SnapshotId,
  TaskId,
} from '@signalbox/core'

/** Fields of a new or edited record: what a human or the system may set, by kind. `undefined` removes a key. */
export type Changes<K extends RecordKind> = { readonly [F in keyof Omit<RecordOf[K], 'id' | 'path' | 'hash' | 'body' | 'aliases'>]?: RecordOf[K][F] | undefined }

export interface Listing<R> {
  readonly records: readonly R[]
  readonly quarantined: readonly Quarantined[]
}

/** What became of a memory commit: queued ones are retried by the next operation and shown by `doctor`. */
export type CommitOutcome = { readonly kind: 'committed'; readonly oid: Oid } | { readonly kind: 'queued'; readonly because: string } | { readonly kind: 'off' }

/** Files of a run's folder. */
export type RunFile = 'events.jsonl' | 'packet.md' | 'review.jsonl'

/** The memory repo: Markdown files that are the source of truth. Callers hold the state lock for writes. */
export interface Memory {
  readonly dir: string
  readConfig(): Promise<Config>
  /** @throws ControlError `format.newer` when the memory repo or its state folder is of a newer version, which only reading is safe for */
  refuseNewer(): Promise<void>
  /** Splices one repo's settings into `signalbox.yaml`; undefined removes it. */
  writeRepoConfig(repo: RepoName, config: RepoConfig | undefined): Promise<void>
  list<K extends RecordKind>(kind: K): Promise<Listing<RecordOf[K]>>
  /** @throws ControlError `<kind>.not_found`, `record.quarantined` */
  read<K extends RecordKind>(kind: K, id: string): Promise<RecordOf[K]>
  /** Allocates the next id by exclusive create and writes the file. */
  create<K extends RecordKind>(kind: K, fields: Changes<K>, body: string): Promise<RecordOf[K]>
  /** Splices the changed keys in; `body` replaces the Markdown below. @throws ControlError `record.changed_underneath` when the file's hash is not `expect` */
  edit<K extends RecordKind>(kind: K, id: string, changes: Changes<K>, options?: { readonly expect?: string; readonly body?: string }): Promise<RecordOf[K]>
  /** Allocates the next run id by exclusive create of its folder. */
  allocateRun(): Promise<RunId>
  /** Ids of all run folders, oldest first. */
  listRuns(): Promise<readonly RunId[]>
  /** Writes `runs/<run>/<name>` atomically. */
  writeRunFile(run: RunId, name: RunFile, text: string): Promise<void>
  /** Writes it where it still holds `old`; undefined: where it is not there. @throws ControlError `record.changed_underneath` */
  replaceRunFile(run: RunId, name: RunFile, old: string | undefined, text: string): Promise<void>
  /** Reads `runs/<run>/<name>`; undefined when there is none. */
  readRunFile(run: RunId, name: RunFile): Promise<string | undefined>
  /** Every commit that was made here for records of ours, on the branch or not. */
  ownCommits(): Promise<ReadonlySet<Oid>>
  /** Commits everything written since the last call as one operation, message `T0147: approve R0031`; retries queued ones first. */
  commit(message: string): Promise<CommitOutcome>
}

/** Watches the memory repo for changes by anybody: us, a human with an editor, `git pull`. */
export interface RecordWatch {
  /** Calls `told` with the changed files, paths from the top, sorted; empty when it is not known which. Until the signal aborts. */
  watch(told: (paths: readonly string[]) => void, signal: AbortSignal): void
}

/** One hit of a search. */
export interface Search {
  search(query: string, options: { readonly limit: number }): Promise<readonly SearchResult[]>
  rebuild(): Promise<{ readonly records: number; readonly quarantined: number }>
}

/** What a packet needs to know of a target beside the memory repo. */
export interface PacketTarget {
  readonly repo: RepoName
  readonly branch: BranchName
  readonly head: Oid
  /** A snapshot of an earlier run whose change was merged in, and the paths that are left in conflict. */
  readonly merged?: { readonly of: SnapshotId; readonly conflicts: readonly string[] }
}

/** Open findings that a run begins with, as its packet tells them. */
export interface PacketReview {
  /** The round they are about, whose files the checkouts hold. */
  readonly of: SnapshotId
  /** Path of the review in the memory repo, and its text. */
  readonly source: string
  readonly text: string
  readonly findings: readonly {
    readonly id: string
    /** Where it is, such as `api/src/a.ts:4-6`. */
    readonly place: string
    readonly by: string
    readonly text: string
    /** What was said about it, a text each. */
    readonly replies: readonly string[]
  }[]
}

export interface Packets {
  /** Deterministic for the same files, targets, budget (tokens) and findings. */
  assemble(task: TaskId, targets: readonly PacketTarget[], budget: number, review: PacketReview | undefined): Promise<Packet>
  /** Renders the Markdown whose sha256 is `packet.hash`. */
  render(packet: Packet): string
}
