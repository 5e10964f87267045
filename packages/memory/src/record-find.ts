import { ControlError, type Quarantined, type RecordKind, type RecordOf } from '@signalbox/core'
import { claimedId } from './record-claims.ts'
import type { Listing } from './record-reader.ts'

/**
 * Finds a record by its id, else by an id it had before a renumbering.
 * @throws ControlError `record.quarantined` when a file claims the id but cannot be used, `<kind>.not_found`
 */
export function findRecord<K extends RecordKind>(kind: K, id: string, { records, quarantined }: Listing<RecordOf[K]>): RecordOf[K] {
  const found = records.find((record) => record.id === id)
  if (found !== undefined) return found
  const claiming = quarantined.filter(({ path }) => claimedId(kind, path) === id)
  if (claiming.length > 0) throw quarantinedError(id, claiming)
  const [former, ...others] = records.filter((record) => 'aliases' in record && record.aliases.includes(id))
  if (former !== undefined && others.length === 0) return former
  throw new ControlError(`${kind}.not_found`, former === undefined ? `There is no ${kind} ${id}` : `${id} was the id of ${[former, ...others].map((record) => record.id).join(' and ')}`, {
    hint: `List them with \`signalbox ${kind} list\``,
    data: { id },
  })
}

/** Returns the error for a record that a human has to repair first. */
export function quarantinedError(id: string, files: readonly Quarantined[]): ControlError {
  const reasons = files.map(({ path, line, reason }) => `${path}${line === null ? '' : `:${line}`} ${reason}`)
  return new ControlError('record.quarantined', `${id} cannot be used: ${reasons.join('; ')}`, { hint: 'Repair the file by hand; Signalbox never rewrites what it cannot read', data: { id, quarantined: files } })
}
