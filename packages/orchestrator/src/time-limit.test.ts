import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startTimeLimit } from './time-limit.ts'

it('passes once its time is over, not while it stands still, and never after it was stopped', async () => {
  const passed: string[] = []
  const [kept, stopped] = [startTimeLimit(20, () => passed.push('kept')), startTimeLimit(20, () => passed.push('stopped'))]
  for (const limit of [kept, stopped]) limit.pause()
  await delay(60)
  expect(passed).toEqual([])
  stopped.stop()
  for (const limit of [kept, stopped]) limit.resume()
  await delay(60)
  expect(passed).toEqual(['kept'])
})
