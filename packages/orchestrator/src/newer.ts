import { ControlError } from '@signalbox/core'
import type { Services } from './services.ts'

/** Returns the refusal where the memory repo or its state is of a newer version; undefined where this version may write. */
export async function findNewer({ memory }: Pick<Services, 'memory'>): Promise<ControlError | undefined> {
  try {
    await memory.refuseNewer()
    return undefined
  } catch (error) {
    if (error instanceof ControlError && error.code === 'format.newer') return error
    throw error
  }
}
