// Drives real agents against the scripted model, and says what each of them does: `npm run test:agents [-- NAME…]`.
// It needs the npm registry the first time, no account and no model. With no names, the table goes into docs/agents.md.
import { installAgents, realAgents } from './agents.ts'
import { tableOf, writeReport, type Row } from './report.ts'
import { createStage } from './stage.ts'
import { trials } from './trials.ts'

const names = process.argv.slice(2)
const unknown = names.find((name) => realAgents.every((real) => real.name !== name))
if (unknown !== undefined) throw new Error(`There is no agent ${unknown}; there are ${realAgents.map(({ name }) => name).join(', ')}`)
const chosen = realAgents.filter(({ name }) => names.length === 0 || names.includes(name))
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

const table = tableOf(rows, titles)
console.log(`\n${table}\n\n${rows.length * trials.length - failed} seen, ${failed} failed`)
if (names.length === 0 && failed === 0) writeReport(table)
process.exitCode = failed === 0 ? 0 : 1
