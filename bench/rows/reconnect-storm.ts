import { setTimeout as delay } from 'node:timers/promises'
import { openReaders, type Reader } from '../http/readers.ts'
import { startServers } from '../http/start-servers.ts'
import type { Row } from '../row.ts'

const perSecond = 100

/** Milliseconds until readers that all left and came back at once have all they missed, without a gap, against a bound. */
export async function reconnectStorm(folder: string, count: number, boundMs: number): Promise<Row> {
  const servers = await startServers(folder)
  const readers = await openReaders({ port: servers.ours, token: servers.token }, count, () => undefined)
  const allHave = async (number: number): Promise<void> => {
    while (readers.some((reader: Reader) => (reader.last() ?? -1) < number)) await delay(5)
  }
  await servers.ask({ kind: 'tell', perSecond, padding: 100 })
  await allHave(1)
  for (const reader of readers) reader.leave()
  const before = await servers.ask({ kind: 'look' })
  await delay(1_000)
  const { told } = await servers.ask({ kind: 'look' })
  if (told < before.told + perSecond / 2) throw new Error('nothing was told while they were away')
  const began = performance.now()
  await Promise.all(readers.map((reader) => reader.comeBack()))
  await allHave(told)
  const taken = performance.now() - began
  for (const reader of readers) reader.leave()
  await servers.stop()
  return { name: `${count} readers come back at once and have all they missed`, floor: `a bound of ${boundMs} ms`, goal: 1, paired: { ours: [taken], floor: [boundMs] } }
}
