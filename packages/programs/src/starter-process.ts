import type { Asked, Told } from './messages.ts'
import { programsHere } from './programs.ts'
import { streamProgram } from './stream-program.ts'

// Starts programs for another process, which is large. It loads as little as can be, and ends with the one it works for; what it
// started goes on then, as it would have without it.

process.once('disconnect', () => process.exit())
// Whoever ends all that belongs together leaves the owner time to end its work, for which it needs this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (asked: Asked) => void answer(asked))
void tell('ready')

async function answer({ number, ...asked }: Asked): Promise<void> {
  const end = asked.kind === 'run' ? await streamProgram(asked.call, (output, piece) => tell({ number, output, piece })) : await programsHere.launch(asked.call)
  await tell({ number, end })
}

function tell(told: Told): Promise<void> {
  // Whoever asked may be gone: then this process ends, too.
  return new Promise((resolve) => void process.send?.(told, undefined, undefined, () => resolve()))
}
