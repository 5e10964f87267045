import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextRoomLookMs, roomFloor, roomReserve } from './disk-room.ts'

const spaces = fc.nat({ max: 2 ** 45 }).chain((total) => fc.record({ total: fc.constant(total), free: fc.nat({ max: total }) }))

test('a large disk keeps 256 MiB free, and is looked at every five seconds while it has plenty', () => {
  const plenty = { total: 2 ** 40, free: 2 ** 39 }
  expect([roomFloor(plenty), roomReserve(plenty), nextRoomLookMs(plenty)]).toEqual([256 << 20, 0, 5_000])
})

test('the fuller it is the sooner it is looked at, and something is kept aside', () => {
  const nearly = { total: 2 ** 40, free: 2 ** 30 }
  expect(roomReserve(nearly)).toBe(64 << 20)
  expect(nextRoomLookMs(nearly)).toBeCloseTo(201, 0)
  expect(nextRoomLookMs({ ...nearly, free: 1 })).toBe(20)
})

test('a small disk is never taken for a full one because of what is kept free and aside', () => {
  fc.assert(
    fc.property(spaces, (space) => {
      expect(roomFloor(space) + roomReserve(space)).toBeLessThanOrEqual(space.total / 4)
      expect(nextRoomLookMs(space)).toBeGreaterThanOrEqual(20)
    }),
  )
})
