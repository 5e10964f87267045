import { programsHere } from './programs.ts'
import type { Answered, Asked } from './messages.ts'

// Starts programs for another process, which is large. It loads as little as can be, and ends with the one it works for; what it
// started goes on then, as it would have without it.

process.once('disconnect', () => process.exit())
// Whoever ends all that belongs together leaves the owner time to end its work, for which it needs this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (asked: Asked) => {
  const end = asked.kind === 'run' ? programsHere.run(asked.call) : programsHere.launch(asked.call)
  void end.then((answer) => tell({ number: asked.number, end: answer }))
})
tell('ready')

function tell(answer: Answered): void {
  // Whoever asked may be gone: then this process ends, too.
  process.send?.(answer, undefined, undefined, () => undefined)
}
