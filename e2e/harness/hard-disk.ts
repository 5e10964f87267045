import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '@signalbox/testkit'
import { callSignalbox, type CallOptions } from './cli.ts'
import type { World } from './world.ts'

/** Nobody, on every system: nothing is forbidden to root, so a test that runs as root is somebody else for a while. */
const nobody = 65534

const isRoot = process.getuid?.() === 0

/** How writing is forbidden: by the folder's mode, to whoever it belongs to; or, to a root who can be nobody else here, by a file in its place. */
export interface Forbidding {
  readonly by: 'mode' | 'file'
  /** As whom to call the program. */
  readonly as: Pick<CallOptions, 'uid'>
}

/** Finds what works for this user on this machine, and gives the world to whoever is to act in it. */
export async function findForbidding(world: World): Promise<Forbidding> {
  if (!isRoot) return { by: 'mode', as: {} }
  run('/', 'chown', ['-R', `${nobody}:${nobody}`, world.dir])
  const { exit } = await callSignalbox(['--version'], { cwd: world.dir, env: world.env, uid: nobody }).catch(() => ({ exit: null }))
  if (exit === 0) return { by: 'mode', as: { uid: nobody } }
  run('/', 'chown', ['-R', '0:0', world.dir]) // this checkout lies in a folder of root's own
  return { by: 'file', as: {} }
}

/** Lets nothing be written in a folder, and below it, while `work` goes on. */
export async function whileForbidden({ by }: Forbidding, folder: string, work: () => Promise<void>): Promise<void> {
  const undo = by === 'mode' ? close(folder) : replace(folder)
  try {
    await work()
  } finally {
    undo()
  }
}

function close(folder: string): () => void {
  const folders = run(folder, 'find', [folder, '-type', 'd', '-print0']).split('\0').filter((name) => name !== '')
  const modes = folders.map((path) => [path, statSync(path).mode & 0o777] as const)
  for (const [path, mode] of modes) chmodSync(path, mode & 0o555)
  return () => {
    for (const [path, mode] of modes) chmodSync(path, mode)
  }
}

function replace(folder: string): () => void {
  const away = `${folder}.away`
  renameSync(folder, away)
  writeFileSync(folder, '')
  return () => {
    rmSync(folder)
    renameSync(away, folder)
  }
}

/** A small disk that is filled up and has room again. */
export interface SmallDisk {
  readonly folder: string
  readonly fill: () => void
  readonly makeRoom: () => void
  /** Makes it larger, its files as they are. */
  readonly grow: (size: string) => void
  readonly remove: () => void
  /** How to call the program once it is full. */
  readonly full: Pick<CallOptions, 'noRoom'>
}

/** Makes one in memory, of a size as `mount` takes it; where this user may not mount, a plain folder and a limit on the size of files stand for it. */
export function makeSmallDisk(world: World, name: string, size = '4m'): SmallDisk {
  const folder = join(world.dir, name)
  mkdirSync(folder)
  try {
    run('/', 'mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  } catch {
    return { folder, fill: () => {}, makeRoom: () => {}, grow: () => {}, remove: () => {}, full: { noRoom: true } }
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    fill: () => void run('/', 'sh', ['-c', `dd if=/dev/zero of='${filler}' bs=1k 2> /dev/null || true`]),
    makeRoom: () => rmSync(filler, { force: true }),
    grow: (larger) => void run('/', 'mount', ['-o', `remount,size=${larger}`, folder]),
    remove: () => void run('/', 'umount', ['-l', folder]),
    full: {},
  }
}
