/** A limit of time that stands still while somebody is waited for. */
export interface TimeLimit {
  /** Lets the time stand still until as many calls of `resume` followed. */
  pause(): void
  resume(): void
  /** Begins to count anew. */
  restart(): void
  /** Counts no more, whatever comes. */
  stop(): void
  /** Milliseconds that are left. */
  left(): number
}

/** Calls `passed` once so many milliseconds of counted time are over. */
export function startTimeLimit(ms: number, passed: () => void): TimeLimit {
  let left = ms
  const counted = (): number => (timer === undefined ? left : left - (performance.now() - began))
  let pauses = 0
  let isOver = false
  let began = performance.now()
  let timer: NodeJS.Timeout | undefined = setTimeout(passed, ms)
  return {
    pause: () => {
      pauses += 1
      if (pauses > 1) return
      left = counted()
      clearTimeout(timer)
      timer = undefined
    },
    resume: () => {
      pauses -= 1
      if (pauses > 0 || isOver) return
      began = performance.now()
      timer = setTimeout(passed, Math.max(0, left))
    },
    restart: () => {
      left = ms
      began = performance.now()
      if (timer === undefined) return
      clearTimeout(timer)
      timer = setTimeout(passed, ms)
    },
    stop: () => {
      isOver = true
      left = counted()
      clearTimeout(timer)
      timer = undefined
    },
    left: () => Math.max(0, counted()),
  }
}
