import type { ProcessIdentity } from '@signalbox/core'

/** What the server needs of the state folder and of this machine. `compose/` makes it of the packages that know them. */
export interface ServerState {
  /** State folder of the memory repo, absolute. */
  readonly folder: string
  readonly locks: {
    /** Runs `work` while holding the lock. @throws ControlError `state.locked` after `waitMs` */
    hold<T>(path: string, work: () => Promise<T>, options: { readonly waitMs: number }): Promise<T>
  }
  /** Writes a file that only its owner may read, whole or not at all. @throws ControlError `disk.*` */
  write(path: string, text: string): Promise<void>
  /** Reads a JSON file of ours; undefined when there is none. @throws ControlError `config.invalid` with `hint`, `disk.*` */
  readJson<T>(path: string, schema: { parse(value: unknown): T }, hint: string): Promise<T | undefined>
  /** Who a process is; undefined when none has this pid. */
  identify(pid: number): ProcessIdentity | undefined
}
