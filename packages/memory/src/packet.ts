import { ControlError, hasCode, recordKinds, type Effort, type Packet, type RecordKind, type TaskId } from '@signalbox/core'
import { catalogOfIndex, catalogOfRecords, type Catalog } from './catalog.ts'
import type { IndexAccess } from './index-access.ts'
import type { AnyRecord } from './index-entry.ts'
import { readRecord, type MemoryFiles } from './memory-files.ts'
import type { MemoryStore, Packets } from './memory.ts'
import { readBackground } from './packet-background.ts'
import { findingItems, requestItems, type StatedReview } from './packet-findings.ts'
import { fitPacket, type PacketPart } from './packet-fit.ts'
import { acceptanceItems, conflictItems, constraintItems, settleItems, targetItem, taskItem, type StatedTarget } from './packet-item.ts'
import { renderPacket } from './packet-render.ts'
import { selectRecords } from './packet-select.ts'
import type { Parsed } from './yaml-block.ts'

/** What packets are made from. */
export interface PacketSources {
  readonly memory: Pick<MemoryStore, 'read' | 'list' | 'readConfig'>
  readonly files: MemoryFiles
  readonly index: IndexAccess
}

/** Creates the assembler of context packets. */
export function createPackets(sources: PacketSources): Packets {
  return {
    assemble: (task, targets, budget, review) => withCatalog(sources, (catalog) => assemble(sources, catalog, { task, targets, budget, review })),
    render: renderPacket,
  }
}

interface Request {
  readonly task: TaskId
  readonly targets: readonly StatedTarget[]
  readonly budget: number
  readonly review: StatedReview | undefined
}

/** Where SQLite cannot run, all records are read instead; the packet then says that nothing was looked for by its words. */
async function withCatalog(sources: PacketSources, work: (catalog: Catalog) => Promise<Packet>): Promise<Packet> {
  try {
    return await sources.index.use((index) => work(catalogOfIndex(index)))
  } catch (error) {
    if (!hasCode(error, 'index.unavailable')) throw error
    return work(catalogOfRecords(await listAll(sources.memory)))
  }
}

async function listAll(memory: PacketSources['memory']): Promise<readonly AnyRecord[]> {
  // A list of a kind holds records of that kind, which the compiler cannot follow through the union.
  const lists = recordKinds.map(async (kind) => (await memory.list(kind)).records.map((record) => ({ kind, record }) as AnyRecord))
  return (await Promise.all(lists)).flat()
}

async function assemble({ memory, files }: PacketSources, catalog: Catalog, { task: id, targets, budget, review }: Request): Promise<Packet> {
  // The store looks at every task to find one; it is asked where the catalog has no answer, for it also says why.
  const { path } = (await catalog.find([id]))[0] ?? (await memory.read('task', id))
  const { record: task, bytes } = expectRead('task', path, readRecord(files, 'task', path))
  const selection = await selectRecords(task, await readEffort(files, catalog, task.effort), catalog)
  const background = await readBackground({ memory, files, catalog }, selection, budget)
  const config = { settings: await memory.readConfig(), bytes: expectRead('config', 'signalbox.yaml', files.read('signalbox.yaml')) }
  const parts = [
    ...required('task', [taskItem(task, bytes, budget), ...settleItems(targets), ...requestItems(review)]),
    ...required('targets', targets.flatMap((target) => [targetItem(target), ...conflictItems(target)])),
    ...required('acceptance', acceptanceItems(task, bytes, budget)),
    ...required('constraints', constraintItems({ task, bytes }, config, budget)),
    ...required('findings', findingItems(review)),
    ...background.parts,
  ]
  return fitPacket({ task: task.id, budget, parts, missing: background.missing })
}

function required(section: PacketPart['section'], items: readonly PacketPart['item'][]): readonly PacketPart[] {
  return items.map((item) => ({ section, item, required: true }))
}

async function readEffort(files: MemoryFiles, catalog: Catalog, id: string | undefined): Promise<Effort | undefined> {
  const [entry] = id === undefined ? [] : await catalog.find([id])
  const parsed = entry === undefined ? undefined : readRecord(files, 'effort', entry.path)
  return parsed?.kind === 'parsed' ? parsed.value.record : undefined
}

/** The store just read this file: when it cannot be read now, somebody changed it in between. */
function expectRead<T>(what: RecordKind | 'config', path: string, parsed: Parsed<T> | undefined): T {
  if (parsed?.kind === 'parsed') return parsed.value
  const hint = 'Somebody changed it just now; try again'
  if (parsed === undefined) throw new ControlError(what === 'config' ? 'memory.not_found' : `${what}.not_found`, `${path} is gone`, { hint })
  throw new ControlError(what === 'config' ? 'config.invalid' : 'record.quarantined', `${path} cannot be read: ${parsed.problem.reason}`, { hint })
}
