/** Milliseconds a wait may take before anything is shown. Shorter flickers; longer looks hung. */
const PATIENCE_MS = 1000
const FRAME_MS = 120
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const
const CLEAR = '\r\u001b[K'

/** The part of a stream that a moving line needs. */
interface Screen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Returns what `work` returns, with a moving line on a terminal while it takes longer than a second. */
export async function withProgress<T>(label: string, work: Promise<T>, stream: Screen = process.stderr): Promise<T> {
  if (stream.isTTY !== true) return work
  let frame = 0
  let ticking: NodeJS.Timeout | undefined
  const patience = setTimeout(() => {
    ticking = setInterval(() => stream.write(`${CLEAR}${frames[frame++ % frames.length]} ${label}`), FRAME_MS)
  }, PATIENCE_MS)
  try {
    return await work
  } finally {
    clearTimeout(patience)
    clearInterval(ticking)
    if (frame > 0) stream.write(CLEAR)
  }
}
