import { existsSync } from 'node:fs'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { ControlError, nextRoomLookMs, roomFloor, roomReserve, type DiskSpace } from '@signalbox/core'
import { systemCodeOf } from './durable-file.ts'
import type { Services } from './services.ts'

/** Whose disks are looked at: work is saved in the state folder, and told in the memory repo. */
type Places = { readonly layout: Pick<Services['layout'], 'root' | 'reserve'>; readonly memory: Pick<Services['memory'], 'dir'> }

/** A watch over the disks that the end of a run needs. */
export interface RoomWatch {
  /** Fires with a `ControlError` `disk.full` once less is free than that end may take. */
  readonly low: AbortSignal
  /** Ends it; what was kept aside is free again where it is needed now. */
  stop(): Promise<void>
}

/** Begins to watch. A disk nobody can measure is not watched. */
export function watchRoom(places: Places): RoomWatch {
  const [over, low] = [new AbortController(), new AbortController()]
  async function follow(): Promise<void> {
    while (!over.signal.aborted) {
      const state = await spaceOf(places.layout.root)
      if (state !== undefined) await keepAside(places, state)
      const lack = await findLack(places)
      if (lack !== undefined) return low.abort(lack)
      const waits = [state, await spaceOf(places.memory.dir)].flatMap((space) => (space === undefined ? [] : [nextRoomLookMs(space)]))
      await delay(Math.min(...waits, 5_000), undefined, { signal: over.signal, ref: false }).catch((error: unknown) => {
        if (!over.signal.aborted) throw error
      })
    }
  }
  const followed = follow()
  return {
    low: low.signal,
    stop: async () => {
      over.abort()
      await followed
      await freeReserve(places)
    },
  }
}

/** @throws ControlError `disk.full` where less is free than the end of a run may take: none is begun then */
export async function refuseFull(places: Places): Promise<void> {
  const lack = await findLack(places)
  if (lack !== undefined) throw lack
}

/** Gives back what was kept aside, where there is too little without it. */
export async function freeReserve(places: Places): Promise<void> {
  if ((await findLack(places)) !== undefined) await rm(places.layout.reserve, { force: true })
}

/** Says which disk has too little room; undefined when none has. */
async function findLack({ layout, memory }: Places): Promise<ControlError | undefined> {
  for (const path of [layout.root, memory.dir]) {
    const space = await spaceOf(path)
    if (space === undefined || space.free >= roomFloor(space)) continue
    return new ControlError('disk.full', `Only ${mebi(space.free)} are free on the disk of ${path}; the last ${mebi(roomFloor(space))} are for saving what runs made`, { hint: 'Make room there', data: { path, ...space } })
  }
  return undefined
}

/** Writes the file that is kept aside, real bytes so that they take room, where there is none yet and it fits. */
async function keepAside({ layout }: Places, space: DiskSpace): Promise<void> {
  const bytes = roomReserve(space)
  if (bytes === 0 || existsSync(layout.reserve) || space.free - bytes < roomFloor(space)) return
  try {
    await writeFile(layout.reserve, Buffer.alloc(bytes), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    // Another run of ours was quicker, or it was filled meanwhile: then half of it would only be in the way.
    if (systemCodeOf(error) !== 'EEXIST') await rm(layout.reserve, { force: true })
  }
}

function mebi(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}

async function spaceOf(path: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(path)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    return undefined // such as a system that does not tell
  }
}
