import { makeBenchFolder } from './repository.ts'
import { renderRows, type Row } from './row.ts'
import { diff } from './rows/diff.ts'
import { diffOnScreen } from './rows/diff-on-screen.ts'
import { eventStream } from './rows/event-stream.ts'
import { gate } from './rows/gate.ts'
import { jsonGet } from './rows/json-get.ts'
import { jumpInDiff } from './rows/jump-in-diff.ts'
import { manyReaders } from './rows/many-readers.ts'
import { reconnectStorm } from './rows/reconnect-storm.ts'
import { runsAtOnce } from './rows/runs-at-once.ts'
import { seal } from './rows/seal.ts'
import { slowReaders } from './rows/slow-readers.ts'
import { startCold } from './rows/start-cold.ts'

/** Every row, each in a folder of its own that is removed afterwards. */
const benches: readonly ((folder: string) => Promise<Row>)[] = [
  (folder) => startCold(folder, 100),
  (folder) => startCold(folder, 5_000),
  (folder) => seal(folder, 5_000, 1),
  (folder) => seal(folder, 5_000, 100),
  (folder) => seal(folder, 5_000, 1_000),
  (folder) => gate(folder, 1, 1.2),
  (folder) => gate(folder, 3, 1.3),
  (folder) => gate(folder, 10, 1.5),
  (folder) => diff(folder, 1_000),
  () => diffOnScreen(50_000, 500),
  () => jumpInDiff(50_000),
  (folder) => jsonGet(folder),
  (folder) => eventStream(folder, 100, 12),
  (folder) => eventStream(folder, 1_000, 25),
  (folder) => slowReaders(folder, 20),
  (folder) => manyReaders(folder, 500, 150),
  (folder) => reconnectStorm(folder, 500, 5_000),
  () => runsAtOnce(10, 250),
]

const rows: Row[] = []
for (const bench of benches) {
  const folder = makeBenchFolder()
  try {
    const row = await bench(folder.path)
    rows.push(row)
    process.stderr.write(`${row.name}\n`)
  } finally {
    folder.remove()
  }
}
process.stdout.write(renderRows(rows))
