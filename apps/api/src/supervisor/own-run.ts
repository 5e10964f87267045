import { parseRunId } from '@signalbox/core'
import { supervise } from '@signalbox/orchestrator'
import { composeServices } from '../compose.ts'

// Owns one run from claim to handoff; the process ends when the run has.
const [memory = '', runText] = process.argv.slice(2)
const run = parseRunId(runText)
if (run === undefined) throw new TypeError(`a supervisor is started with a memory repo and a run id, not ${JSON.stringify(process.argv.slice(2))}`)

const abort = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => abort.abort())

const parts = await composeServices(memory, process.env)
await supervise(parts.services, run, abort.signal)
await parts.close()
