import type { Config, Oid, Packet, RecordKind, RecordOf, RepoConfig, RepoName, RunId, SearchResult, TaskId } from '@signalbox/core'
import type { StatedReview } from './packet-findings.ts'
import type { StatedTarget } from './packet-item.ts'
import type { Listing } from './record-reader.ts'

/** Fields of a new or edited record; `undefined` removes a key. */
export type Changes<K extends RecordKind> = { readonly [F in keyof Omit<RecordOf[K], 'id' | 'path' | 'hash' | 'body' | 'aliases'>]?: RecordOf[K][F] | undefined }

/** What became of a memory commit: queued ones are retried by the next operation. */
export type CommitOutcome = { readonly kind: 'committed'; readonly oid: Oid } | { readonly kind: 'queued'; readonly because: string } | { readonly kind: 'off' }

/** Files of ours that are written but not committed yet, and why. */
export interface PendingCommit {
  readonly message: string
  readonly paths: readonly string[]
  readonly because: string
  /** Whether a commit was tried; not before its operation ends, or when that was killed. */
  readonly tried: boolean
}

/** Files of a run's folder. */
export type RunFile = 'events.jsonl' | 'packet.md' | 'review.jsonl'

/** The memory repo: Markdown files that are the source of truth. Callers hold the state lock for writes. */
export interface MemoryStore {
  /** Absolute real path of the memory repo. */
  readonly dir: string
  /** Machine-local folder of this memory repo: index, locks, queue. */
  readonly state: string
  /** Of a newer format, too, as far as this version can read it. @throws ControlError `config.invalid`, `format.newer` */
  readConfig(): Promise<Config>
  /** @throws ControlError `format.newer` when the memory repo or its state folder is of a newer version, which only reading is safe for */
  refuseNewer(): Promise<void>
  /** Splices one repo's settings into `signalbox.yaml`; undefined removes it. */
  writeRepoConfig(repo: RepoName, config: RepoConfig | undefined): Promise<void>
  /** Every record of a kind in order of file name, and the files that are no records, with the reason. */
  list<K extends RecordKind>(kind: K): Promise<Listing<RecordOf[K]>>
  /** Finds a record by its id, or by an id it had before a renumbering. @throws ControlError `<kind>.not_found`, `record.quarantined` */
  read<K extends RecordKind>(kind: K, id: string): Promise<RecordOf[K]>
  /** Allocates the next id and writes the file. @throws ControlError `input.invalid` when the fields do not fit the kind */
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
  /** Commits everything written since the last call as one operation, message `T0147: approve R0031`; retries queued ones first. */
  commit(message: string): Promise<CommitOutcome>
  /** Every commit that was made here for records of ours, on the branch or not. */
  ownCommits(): Promise<ReadonlySet<Oid>>
  /** What is written but not committed, for doctor; looks only. */
  pendingCommits(): Promise<readonly PendingCommit[]>
}

/** How much of what a search may return. */
export interface SearchOptions {
  readonly limit: number
  /** Only these kinds; undefined means all. */
  readonly kinds?: readonly RecordKind[]
}

/** Finds records by their words. */
export interface Search {
  /** Best first: the record whose id the query is, then by rank. No text is a bad query. @throws ControlError `index.unavailable` */
  search(query: string, options: SearchOptions): Promise<readonly SearchResult[]>
  /** Deletes the index and builds it anew from the files. @throws ControlError `index.unavailable` */
  rebuild(): Promise<{ readonly records: number; readonly quarantined: number }>
}

/** Assembles the brief of a run. */
export interface Packets {
  /**
   * The same files, targets, budget (tokens) and findings give the same packet, whatever state the index was in.
   * @throws ControlError `task.not_found`, `record.quarantined`, `config.invalid`
   */
  assemble(task: TaskId, targets: readonly StatedTarget[], budget: number, review: StatedReview | undefined): Promise<Packet>
  /** Renders the Markdown whose sha256 is `packet.hash`. */
  render(packet: Packet): string
}
