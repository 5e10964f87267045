import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError } from '@signalbox/core'
import { blobIdsOf, withLineFeeds } from './blob-id.ts'
import { writeFileAtomically } from './file-write.ts'
import { hashOf } from './record-file.ts'
import { makePrivateFolder, readJson } from './state-folder.ts'

/** One file an operation wrote: committed only if HEAD held what was on disk before. */
export interface QueuedFile {
  readonly path: string
  /** Blob ids of the bytes before our write (as they were, and with line feeds); null when there was no file. */
  readonly before: readonly string[] | null
  /** sha256 of the bytes we wrote. */
  readonly after: string
}

/** The files of one operation that are written, or about to be, and not known to be committed. */
export interface QueuedOperation {
  /** Name of its file in the queue; names sort by age. */
  readonly name: string
  /** Undefined while the operation goes on, and for ever when it was killed. */
  readonly message: string | undefined
  /** Why it could not be committed so far. */
  readonly because: string | undefined
  readonly files: readonly QueuedFile[]
}

/** What is written and not yet committed; on disk before the first byte of a file is. */
export interface CommitQueue {
  /** Notes a write that is about to happen, as part of the operation under way; what it returns takes the note back when it did not happen. */
  note(path: string, before: Uint8Array | undefined, after: Uint8Array): Promise<() => Promise<void>>
  /** Ends the operation under way and gives it its message; returns its name, undefined when it wrote nothing. */
  close(message: string): Promise<string | undefined>
  /** Every operation, oldest first, those that were killed included. */
  read(): Promise<readonly QueuedOperation[]>
  save(operation: QueuedOperation): Promise<void>
  remove(name: string): void
}

/** Creates the queue kept in `state`/queue. */
export function createCommitQueue(state: string): CommitQueue {
  const folder = join(state, 'queue')
  let open: QueuedOperation | undefined
  const pathOf = (name: string) => join(makePrivateFolder(folder), `${name}.json`)
  const save = (operation: QueuedOperation) => writeFileAtomically(pathOf(operation.name), `${JSON.stringify(operation)}\n`)
  const remove = (name: string) => rmSync(pathOf(name), { force: true })
  const keep = async (name: string, files: readonly QueuedFile[]) => {
    open = files.length === 0 ? undefined : { name, message: undefined, because: undefined, files }
    if (open === undefined) remove(name)
    else await save(open)
  }

  return {
    save,
    remove,
    async note(path, before, after) {
      // Another process may have committed what is open as an operation that was killed: this one goes on from there.
      const current = open !== undefined && namesIn(folder).includes(open.name) ? open : undefined
      const name = current?.name ?? nextName(folder)
      const files = current?.files ?? []
      const earlier = files.find((file) => file.path === path)
      const file = { path, before: earlier === undefined ? beforeIds(before) : earlier.before, after: hashOf(after) }
      await keep(name, [...files.filter((other) => other.path !== path), file])
      return () => keep(name, files)
    },
    async close(message) {
      if (open === undefined) return undefined
      const { name } = open
      // Another process may have committed it meanwhile as one that was killed.
      if (namesIn(folder).includes(name)) await save({ ...open, message })
      open = undefined
      return name
    },
    async read() {
      const operations: QueuedOperation[] = []
      for (const name of namesIn(folder)) operations.push(parseOperation(name, await readJson(pathOf(name)), pathOf(name)))
      return operations
    },
  }
}

function beforeIds(bytes: Uint8Array | undefined): readonly string[] | null {
  return bytes === undefined ? null : [...new Set([...blobIdsOf(bytes), ...blobIdsOf(withLineFeeds(bytes))])]
}

/** A number for the order, and letters so that no name is ever given twice. */
function nextName(folder: string): string {
  const last = Number(namesIn(folder).at(-1)?.slice(0, 8) ?? 0)
  return `${String(last + 1).padStart(8, '0')}-${randomBytes(4).toString('hex')}`
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(makePrivateFolder(folder))
    .flatMap((name) => (/^\d{8}-[0-9a-f]{8}\.json$/.test(name) ? [name.slice(0, -'.json'.length)] : []))
    .toSorted()
}

function parseOperation(name: string, value: unknown, path: string): QueuedOperation {
  if (typeof value === 'object' && value !== null && 'files' in value && Array.isArray(value.files) && value.files.every(isQueuedFile)) {
    return { name, message: textOf(value, 'message'), because: textOf(value, 'because'), files: value.files }
  }
  throw new ControlError('config.invalid', `${path} is not a queued commit`, { hint: 'Delete that file and commit what `git status` shows in the memory repo yourself' })
}

function isQueuedFile(value: unknown): value is QueuedFile {
  if (typeof value !== 'object' || value === null || !('path' in value) || !('before' in value) || !('after' in value)) return false
  return typeof value.path === 'string' && typeof value.after === 'string' && (value.before === null || (Array.isArray(value.before) && value.before.every((id) => typeof id === 'string')))
}

function textOf(value: object, key: string): string | undefined {
  const text: unknown = Object.entries(value).find(([name]) => name === key)?.[1]
  return typeof text === 'string' ? text : undefined
}
