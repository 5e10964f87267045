/** What a disk has room for, in bytes. */
export interface DiskSpace {
  /** For whoever is not root. */
  readonly free: number
  readonly total: number
}

const MiB = 1 << 20

/** Bytes a millisecond that nothing writes to a disk or to memory much faster than. */
const fastest = 4_000_000

/** Returns the bytes that have to stay free for the end of a run to be saved: a command of a run that leaves less is ended. */
export function roomFloor({ total }: Pick<DiskSpace, 'total'>): number {
  return Math.min(256 * MiB, Math.floor(total / 8))
}

/** Returns the bytes that are kept aside where a disk may be filled between two looks; none where it cannot. */
export function roomReserve(space: DiskSpace): number {
  return space.free < 4096 * MiB ? Math.min(64 * MiB, Math.floor(space.total / 16)) : 0
}

/** Returns the milliseconds after which to look at a disk again: before, there is room enough whatever is written. */
export function nextRoomLookMs(space: DiskSpace): number {
  return Math.min(5_000, Math.max(20, (space.free - roomFloor(space)) / fastest))
}
