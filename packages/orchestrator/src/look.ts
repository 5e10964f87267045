import { messageOf, type Known } from '@signalbox/core'

/** A failed look becomes an unknown, with its reason; it never looks like "nothing there". */
export async function look<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await read() }
  } catch (error) {
    return { known: false, because: messageOf(error) }
  }
}
