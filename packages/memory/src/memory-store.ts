import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { recordLayout, type RecordKind, type RecordOf } from '@signalbox/core'
import type { RunProgram } from '@signalbox/programs'
import { createCommitQueue } from './commit-queue.ts'
import { createCommits } from './commits.ts'
import { CONFIG_NAME, editRepoConfig, readConfigFile, readConfigToRead, refuseNewerConfig } from './config-file.ts'
import { changedUnderneath, sweepTemporaryFiles } from './file-write.ts'
import { parseMarkdownFile } from './front-matter.ts'
import { createIdCounter } from './id-counter.ts'
import { createMemoryGit } from './memory-git.ts'
import type { Changes, MemoryStore } from './memory.ts'
import { createNotedWriter } from './noted-write.ts'
import { readOwnCommits } from './own-commits.ts'
import { claimedId } from './record-claims.ts'
import { parseRecord } from './record-file.ts'
import { findRecord, quarantinedError } from './record-find.ts'
import { assertMemory, readFolder } from './record-folder.ts'
import { createRecordReader, readRecordBytes } from './record-reader.ts'
import { assertFields, editRecord, idOf, pathOf, printRecord } from './record-text.ts'
import { allocateRunFolder, listRunFolders, readRunBytes, runFilePath } from './run-files.ts'
import { makePrivateFolder, readMemoryPlace, type Environment } from './state-folder.ts'
import type { Parsed } from './yaml-block.ts'

/** Where the machine-local state of this memory repo is, and what git is started with. */
export interface OpenMemoryOptions {
  /** Folder of this memory repo, see `stateFolderOf`. */
  readonly state: string
  /** Environment of the human, `process.env` by default; only what git needs is taken from it. */
  readonly environment?: Environment
  /** What starts git. This process itself by default. */
  readonly runProgram?: RunProgram
}

/**
 * Opens the memory repo at `dir`. Temporary files of killed processes are swept; nothing else is changed.
 * @throws ControlError `memory.not_found`, `disk.unwritable`
 */
export async function openMemory(dir: string, options: OpenMemoryOptions): Promise<MemoryStore> {
  assertMemory(dir)
  const root = realpathSync(dir)
  const state = makePrivateFolder(options.state)
  for (const folder of [root, state, join(state, 'queue')]) sweepTemporaryFiles(folder)
  const git = createMemoryGit(root, options.environment ?? process.env, options.runProgram)
  const queue = createCommitQueue(state)
  const commits = createCommits({ git, dir: root, state, queue })
  const counter = createIdCounter(state, root, git)
  const reader = createRecordReader(root)
  const files = createNotedWriter(root, queue)

  return {
    dir: root,
    state,
    readConfig: async () => readConfigToRead(root),
    async refuseNewer() {
      refuseNewerConfig(root)
      await readMemoryPlace(state)
    },
    async writeRepoConfig(repo, config) {
      const file = readConfigFile(root)
      const text = editRepoConfig(root, file, repo, config)
      if (text !== undefined) await files.replace(CONFIG_NAME, file.bytes, Buffer.from(text))
    },
    list: (kind) => reader.list(kind),
    read: async (kind, id) => findRecord(kind, id, await reader.list(kind)),
    async create(kind, fields, body) {
      readConfigFile(root)
      assertFields(kind, fields)
      for (;;) {
        const id = idOf(kind, await counter.take(recordLayout[kind].letter, highestOf(root, kind)))
        const path = pathOf(kind, id, fields)
        const bytes = Buffer.from(printRecord(kind, path, { ...fields, id }, body))
        if (await files.create(path, bytes)) return recordOf(parseRecord(kind, path, bytes), path)
      }
    },
    async edit(kind, id, changes, edit = {}) {
      readConfigFile(root)
      const { path } = findRecord(kind, id, await reader.list(kind))
      const { record, bytes } = readNow(root, kind, path)
      if (edit.expect !== undefined && record.hash !== edit.expect) throw changedUnderneath(path)
      const text = editNow(kind, record, bytes, changes, edit.body)
      if (!text.equals(bytes)) await files.replace(path, bytes, text)
      return recordOf(parseRecord(kind, path, text), path)
    },
    async allocateRun() {
      readConfigFile(root)
      return allocateRunFolder(root, counter)
    },
    listRuns: async () => listRunFolders(root),
    async writeRunFile(run, name, text) {
      readConfigFile(root)
      const path = runFilePath(run, name)
      const old = readRunBytes(root, run, name)
      const bytes = Buffer.from(text)
      if (old === undefined) await files.create(path, bytes).then((created) => assertWritten(created, path))
      else if (!old.equals(bytes)) await files.replace(path, old, bytes)
    },
    async replaceRunFile(run, name, old, text) {
      readConfigFile(root)
      const path = runFilePath(run, name)
      if (old === undefined) assertWritten(await files.create(path, Buffer.from(text)), path)
      else await files.replace(path, Buffer.from(old), Buffer.from(text))
    },
    readRunFile: async (run, name) => readRunBytes(root, run, name)?.toString('utf8'),
    commit: (message) => commits.commit(message),
    ownCommits: () => readOwnCommits(state),
    pendingCommits: () => commits.pending(),
  }
}

function highestOf(root: string, kind: RecordKind): number {
  return readFolder(root, kind).paths.reduce((highest, path) => Math.max(highest, Number(claimedId(kind, path)?.slice(1) ?? 0)), 0)
}

function assertWritten(created: boolean, path: string): void {
  if (!created) throw changedUnderneath(path)
}

function recordOf<R>(parsed: Parsed<R>, path: string): R {
  if (parsed.kind === 'parsed') return parsed.value
  throw quarantinedError(path, [{ path, ...parsed.problem }])
}

/** Reads the file again, past every cache: the bytes an edit is made on are those it is conditional on. */
function readNow<K extends RecordKind>(root: string, kind: K, path: string): { readonly record: RecordOf[K]; readonly bytes: Buffer } {
  const read = readRecordBytes(join(root, path))
  if (read === undefined) throw changedUnderneath(path)
  const { bytes } = recordOf(read, path)
  return { record: recordOf(parseRecord(kind, path, bytes), path), bytes }
}

function editNow<K extends RecordKind>(kind: K, record: RecordOf[K], bytes: Buffer, changes: Changes<K>, body: string | undefined): Buffer {
  const file = recordOf(parseMarkdownFile(bytes), record.path)
  return Buffer.from(recordOf(editRecord(kind, record, file, changes, body), record.path))
}
