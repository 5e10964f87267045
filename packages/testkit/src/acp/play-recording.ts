import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { openWire, type Message } from './wire.ts'

// Plays the agent's side of a recorded conversation: RECORDING PROCESS, where the recording is JSON lines of {dir: 'in' | 'out', msg}, as its client saw
// them, and the process counts those of the recording from 0. It says what the agent said when the agent said it, and stops with exit code 3 and a reason
// as soon as the client answers one of its requests in another way than the recorded one did. What it was recorded in, `/workspace/tree`, is where it runs.

interface Row {
  readonly dir: 'in' | 'out'
  readonly msg: Message
}

const [, , recording = '', which = '0'] = process.argv
const rows = readFileSync(recording, 'utf8')
  .replaceAll('/workspace/tree', JSON.stringify(process.cwd()).slice(1, -1))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
const starts = rows.flatMap(({ dir, msg }, index) => (dir === 'out' && msg.method === 'initialize' ? [index] : []))
const from = starts[Number(which)]

const wire = openWire()
/** Ids the client gave to its requests, by those of the recorded ones. */
const ids = new Map<unknown, string | number>()

/** Waits for what the recorded client said here. Requests it did not make, such as for a mode, are granted. */
async function expect(wanted: Message): Promise<void> {
  for (;;) {
    const said = await wire.next()
    if (said === undefined) process.exit(0)
    if (said.method === undefined) return compare(said, wanted)
    if (said.method === wanted.method) {
      if (wanted.id !== undefined && said.id !== undefined) ids.set(wanted.id, said.id)
      return
    }
    if (said.id !== undefined) wire.send({ id: said.id, result: {} })
  }
}

function compare(said: Message, wanted: Message): void {
  if (wanted.method === undefined && said.id === wanted.id && isDeepStrictEqual(said.result, wanted.result) && said.error?.code === wanted.error?.code) return
  console.error(`expected ${JSON.stringify(wanted)}, got ${JSON.stringify(said)}`)
  process.exit(3)
}

if (from === undefined) throw new Error(`${recording} has no process ${which}`)
for (const { dir, msg } of rows.slice(from, starts[Number(which) + 1])) {
  if (dir === 'out') await expect(msg)
  else wire.send(msg.method === undefined && msg.id !== undefined ? { ...msg, id: ids.get(msg.id) ?? msg.id } : msg)
}
// What the client still asks is over when it closes its side.
while ((await wire.next()) !== undefined);
