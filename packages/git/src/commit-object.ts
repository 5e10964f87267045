import { hash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { oidSchema, type Oid } from '@signalbox/core'
import { ourSignature } from './signature.ts'
import type { Vault } from './vault.ts'
import { syncFolder, writeNew } from './write-synced.ts'

/**
 * Writes the commit of a snapshot into the vault, byte for byte as `git commit-tree` would, and returns its id. It is a few lines of
 * text; starting a git for it would cost many times as much, and sealing a run is waited for. Whether tree and base are there, the
 * caller finds out: it reads what lies between them.
 */
export async function writeCommit({ dir }: Vault, { base, tree, message }: { readonly base: Oid; readonly tree: Oid; readonly message: string }): Promise<Oid> {
  const by = `${ourSignature['GIT_AUTHOR_NAME']} <${ourSignature['GIT_AUTHOR_EMAIL']}> 0 +0000`
  const text = `tree ${tree}\nparent ${base}\nauthor ${by}\ncommitter ${by}\n\n${message}\n`
  const bytes = Buffer.from(`commit ${Buffer.byteLength(text)}\0${text}`)
  const oid = oidSchema.parse(hash(base.length === 64 ? 'sha256' : 'sha1', bytes))
  const path = join(dir, 'objects', oid.slice(0, 2), oid.slice(2))
  if (existsSync(path)) return oid
  // Named as git names its own, so that whoever sweeps up after a full disk finds it.
  const half = join(dirname(path), `tmp_obj_${randomUUID()}`)
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeNew(half, deflateSync(bytes), 0o444)
    await rename(half, path)
    for (const folder of [dirname(path), join(dir, 'objects')]) await syncFolder(folder)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
  return oid
}
