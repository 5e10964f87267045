import { runIdSchema } from '@signalbox/core'
import { composeServices } from '../src/compose.ts'

/** A process that appends to the log of a run: `node append-events.ts MEMORY RUN COUNT NAME`. */
const [memory = '', run = '', count = '0', name = ''] = process.argv.slice(2)
const parts = await composeServices(memory, process.env)
for (let index = 1; index <= Number(count); index += 1) {
  await parts.services.log.append(runIdSchema.parse(run), { type: 'run.cancel_requested', data: { by: name, because: String(index) } })
}
await parts.close()
