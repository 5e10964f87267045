import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { landingJournalSchema, type LandingJournal } from '@signalbox/core'
import { createLandingService } from './landing-service.ts'

// What a landing is killed in: a process with everything loaded that does one job after another, and says each failpoint it
// passes and how the job ended. `node landing-program.ts STATE JOURNAL`, with jobs as lines of JSON on its input.

/** One job: what to do with the journal that lies at `from`. */
export interface LandingJob {
  readonly act: 'publish' | 'undo' | 'recover'
  readonly from: string
}

flushCompileCache() // a killed process would not write it at its end
const [state = '', journalPath = ''] = process.argv.slice(2)
const landing = createLandingService(state, (name) => say(name))

async function write(journal: LandingJournal): Promise<void> {
  const file = openSync(`${journalPath}.tmp`, 'w')
  writeSync(file, JSON.stringify(journal))
  fsyncSync(file)
  closeSync(file)
  renameSync(`${journalPath}.tmp`, journalPath)
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { act, from } = JSON.parse(line) as LandingJob
  const { state: end, repos } = await landing[act](landingJournalSchema.parse(JSON.parse(readFileSync(from, 'utf8'))), { write })
  say([`ended ${end}`, ...repos.flatMap((repo) => repo.because ?? [])].join(', because '))
}
