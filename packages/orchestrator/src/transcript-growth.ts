import type { RunId, Unfollow } from '@signalbox/core'
import { sizeOf } from './file-size.ts'
import type { StateLayout } from './state-layout.ts'

/** One follower and the length it was told last; undefined before the first look. */
interface Follower {
  readonly told: (bytes: number) => void
  last: number | undefined
}

/** Who follows which transcript, each looked at once however many do. */
export interface TranscriptGrowth {
  /** Tells the length at the next look, and from then on every other one. */
  follow(run: RunId, told: (bytes: number) => void): Unfollow
  isFollowed(): boolean
  /** Looks at every followed transcript. */
  look(): Promise<void>
}

/** Returns the followed transcripts of one state folder. */
export function createTranscriptGrowth(layout: StateLayout): TranscriptGrowth {
  const followed = new Map<RunId, Set<Follower>>()

  async function lookAt(run: RunId, followers: ReadonlySet<Follower>): Promise<void> {
    const bytes = await sizeOf(layout.run(run).transcript)
    for (const follower of followers) {
      if (bytes === follower.last) continue
      follower.last = bytes
      follower.told(bytes)
    }
  }

  return {
    follow: (run, told) => {
      const follower: Follower = { told, last: undefined }
      const followers = followed.get(run) ?? new Set()
      followed.set(run, followers.add(follower))
      return () => {
        followers.delete(follower)
        if (followers.size === 0 && followed.get(run) === followers) followed.delete(run)
      }
    },
    isFollowed: () => followed.size > 0,
    look: async () => void (await Promise.all([...followed].map(([run, followers]) => lookAt(run, followers)))),
  }
}
