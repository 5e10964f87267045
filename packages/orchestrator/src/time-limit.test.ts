import { expect, test, vi } from 'vitest'
import { startTimeLimit } from './time-limit.ts'

test('counts only the time in which nobody is waited for, and anew when told', () => {
  vi.useFakeTimers()
  try {
    let passed = 0
    const limit = startTimeLimit(1_000, () => void (passed += 1))
    vi.advanceTimersByTime(600)
    limit.pause()
    limit.pause()
    vi.advanceTimersByTime(5_000)
    limit.resume()
    vi.advanceTimersByTime(5_000)
    expect(passed).toBe(0)
    expect(limit.left()).toBe(400)
    limit.resume()
    vi.advanceTimersByTime(399)
    expect(passed).toBe(0)
    limit.restart()
    vi.advanceTimersByTime(999)
    expect(passed).toBe(0)
    vi.advanceTimersByTime(1)
    expect(passed).toBe(1)
    limit.pause()
    limit.stop()
    limit.resume()
    limit.restart()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('told anew while it stands still, it counts from the beginning once it goes on', () => {
  vi.useFakeTimers()
  try {
    let passed = 0
    const limit = startTimeLimit(1_000, () => void (passed += 1))
    vi.advanceTimersByTime(900)
    limit.pause()
    limit.restart()
    limit.resume()
    vi.advanceTimersByTime(999)
    expect(passed).toBe(0)
    vi.advanceTimersByTime(1)
    expect(passed).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})
