// Drives real agents against the scripted model, and says what each of them does: `npm run test:agents [-- NAME…]`.
// A name is that of an agent, or `lines` or `acp` for all that are talked to that way. It needs the npm registry the first time, no account and no
// model. The table of a way that was tried as a whole goes into docs/agents.md.
import { installAgents, realAgents, type RealAgent } from './agents.ts'
import { tableOf, writeReport, type Row } from './report.ts'
import { createStage } from './stage.ts'
import { trials } from './trials.ts'

const names = process.argv.slice(2)
const isNamed = (name: string, real: RealAgent): boolean => name === real.name || name === real.way
const unknown = names.find((name) => !realAgents.some((real) => isNamed(name, real)))
if (unknown !== undefined) throw new Error(`There is no agent ${unknown}; there are ${realAgents.map(({ name }) => name).join(', ')}`)
const chosen = realAgents.filter((real) => names.length === 0 || names.some((name) => isNamed(name, real)))
const bin = installAgents(chosen)
const titles = trials.map(({ title }) => title)
const rows: Row[] = []
let failed = 0

for (const real of chosen) {
  const seen = new Map<string, string>()
  for (const { title, scenario, suits, run } of trials) {
    if (suits?.(real.name) === false) {
      seen.set(title, 'takes none')
      continue
    }
    const stage = await createStage(real, bin, scenario)
    try {
      seen.set(title, await run(stage))
    } catch (error) {
      failed += 1
      seen.set(title, `**failed**: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`)
      console.error(error)
    } finally {
      await stage.close()
    }
    console.log(`${real.name}: ${title}: ${seen.get(title)}`)
  }
  rows.push({ agent: real.name, pinned: real.pinned, seen })
}

for (const way of ['lines', 'acp'] as const) {
  const all = realAgents.filter((real) => real.way === way)
  const tried = rows.filter(({ agent }) => all.some(({ name }) => name === agent))
  if (tried.length === 0) continue
  const table = tableOf(tried, titles)
  console.log(`\n${table}`)
  if (tried.length === all.length && failed === 0) writeReport(way, table)
}
console.log(`\n${rows.length * trials.length - failed} seen, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
