import { makeBenchFolder } from './repository.ts'
import { renderRows, type Row } from './row.ts'
import { chattyRuns } from './rows/chatty-runs.ts'
import { diff } from './rows/diff.ts'
import { diffOnScreen } from './rows/diff-on-screen.ts'
import { endWorkspace } from './rows/end-workspace.ts'
import { eventStream } from './rows/event-stream.ts'
import { gate } from './rows/gate.ts'
import { idleRecords } from './rows/idle-records.ts'
import { idleRuns } from './rows/idle-runs.ts'
import { intake } from './rows/intake.ts'
import { jsonGet } from './rows/json-get.ts'
import { jumpInDiff } from './rows/jump-in-diff.ts'
import { manyReaders } from './rows/many-readers.ts'
import { parsePatch, patchMemory } from './rows/parse-patch.ts'
import { preview } from './rows/preview.ts'
import { reconnectStorm } from './rows/reconnect-storm.ts'
import { reopenDiff } from './rows/reopen-diff.ts'
import { runsAtOnce } from './rows/runs-at-once.ts'
import { seal } from './rows/seal.ts'
import { slowReaders } from './rows/slow-readers.ts'
import { spawnFrom } from './rows/spawn.ts'
import { startCold } from './rows/start-cold.ts'

/** Every row by the word that asks for it, each in a folder of its own that is removed afterwards. */
const benches: readonly (readonly [string, (folder: string) => Promise<Row | readonly Row[]>])[] = [
  ['start', (folder) => startCold(folder, 100)],
  ['start', (folder) => startCold(folder, 5_000)],
  ...[1, 100, 1_000].flatMap((changed) =>
    (['once', 'twice'] as const).map((looks) => ['seal', (folder: string) => seal(folder, { files: 5_000, changed, looks })] as const),
  ),
  ['gate', (folder) => gate(folder, 1, 1.2)],
  ['gate', (folder) => gate(folder, 3, 1.3)],
  ['gate', (folder) => gate(folder, 10, 1.5)],
  ['preview', (folder) => preview(folder, 40_000)],
  ['diff', (folder) => diff(folder, 1_000)],
  ['reopen', (folder) => reopenDiff(folder, 1_000)],
  ['parse', (folder) => parsePatch(folder, 1_000)],
  ['parse', (folder) => parsePatch(folder, 5_000)],
  ['parse', (folder) => patchMemory(folder, 5_000)],
  ['end', (folder) => endWorkspace(folder, 5_000)],
  ['screen', () => diffOnScreen(50_000, 500)],
  ['jump', () => jumpInDiff(50_000)],
  ['get', (folder) => jsonGet(folder)],
  ['events', (folder) => eventStream(folder, 100, 12)],
  ['events', (folder) => eventStream(folder, 1_000, 25)],
  ['slow', (folder) => slowReaders(folder, 20)],
  ['readers', (folder) => manyReaders(folder, 500, 150)],
  ['storm', (folder) => reconnectStorm(folder, 500, 5_000)],
  ...(['keep', 'print', 'talk'] as const).map((way) => ['intake', (folder: string) => intake(folder, 100, way)] as const),
  ['intake', (folder) => intake(folder, 1, 'talk')],
  ['idle', (folder) => idleRuns(folder, 1_000, 'ended')],
  ['idle', (folder) => idleRuns(folder, 1_000, 'waiting')],
  ['idle', (folder) => idleRecords(folder, 10_000)],
  ['idle', (folder) => idleRecords(folder, 100_000)],
  ['spawn', (folder) => spawnFrom(folder, 1_000)],
  ['spawn', (folder) => spawnFrom(folder, 100_000)],
  ['runs', () => runsAtOnce(10, 250)],
  ['chatty', () => chattyRuns(50, 250)],
]

const asked = process.argv.slice(2)
const known = new Set(benches.map(([word]) => word))
for (const word of asked) {
  if (!known.has(word)) throw new Error(`There is no row ${word}; there are ${[...known].join(', ')}`)
}

const rows: Row[] = []
for (const [, bench] of benches.filter(([word]) => asked.length === 0 || asked.includes(word))) {
  const folder = makeBenchFolder()
  try {
    for (const row of [await bench(folder.path)].flat()) {
      rows.push(row)
      process.stderr.write(`${row.name}\n`)
    }
  } finally {
    folder.remove()
  }
}
process.stdout.write(renderRows(rows))
