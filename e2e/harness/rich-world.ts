import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acpPrograms, commitAll, git, writeFiles } from '@signalbox/testkit'
import * as z from 'zod'
import { askedForm, nameAgent, untilAsked } from './asking-agent.ts'
import { approvalForm, commitsForm, mergeForm, pushForm, repoForm, runForm } from './contract.ts'
import { startRun, untilEnded, untilEvent } from './live-run.ts'
import { humanCommits } from './shop.ts'
import { createWorld, runScript, type World } from './world.ts'

/** A world in the middle of its work: something of everything that pages show. */
export interface RichWorld {
  readonly world: World
  /** Addresses of every page, by what is on it. */
  readonly pages: Readonly<Record<string, string>>
  /** Lets the run at work end, then removes the world. */
  close(): Promise<void>
}

/** Gives a source a remote that has all of it. */
function pushable(world: World, name: string, source: string): void {
  git(world.dir, 'clone', '--quiet', '--bare', source, `${name}.git`)
  git(source, 'remote', 'add', 'origin', join(world.dir, `${name}.git`))
}

/** Creates it: two repos, an effort, decisions, notes, and a task in each state that a board can show. */
export async function createRichWorld(): Promise<RichWorld> {
  const world = await createWorld()
  const api = world.source('api', { 'README.md': '# api\n\nPrices the orders of a small shop.\n', 'src/quote.js': quoteBefore, 'src/round.js': 'export const round = (cents) => Math.floor(cents)\n', 'test/quote.test.js': 'import test from "node:test"\n\ntest("adds up", () => {})\n' })
  const web = world.source('web', { 'README.md': '# web\n', 'src/price.js': 'export const show = (cents) => (cents / 100).toFixed(2)\n' })
  await world.ask(repoForm, ['repo', 'add', api, '--name', 'api', '--setup', 'echo installed', '--check', 'lint=echo "2 files, no warnings"', '--check', 'test=echo "5 tests, 5 passed"'])
  await world.ask(repoForm, ['repo', 'add', web, '--name', 'web', '--check', 'test=echo "Expected 4.50, got 4.49"; exit 1'])
  writeRecords(world)
  const merged = await runScript(world, 'T0003', 'echo "More about it." >> README.md')
  await world.ask(approvalForm, ['approve', merged.id])
  pushable(world, 'api', api)
  await world.ask(pushForm, ['push', merged.id])
  await world.ask(mergeForm, ['merge', merged.id])
  const [reviewed, refreshed, failed] = await Promise.all([
    runScript(world, 'T0001', roundEverywhere),
    runScript(world, 'T0002', 'echo "export const tax = 19" > src/tax.js'),
    startRun(world, 'T0004', 'echo "Reading the catalog"; git config user.name "The agent"; git config user.email agent@example.org; echo "[]" > catalog.json; git add .; git commit -qm "Begin a catalog" -m "It is empty until prices are known."; echo "{}" > catalog.json; git commit -qam "Let it be an object"; echo "Prices" > notes.txt; echo "TypeError: catalog is not iterable" >&2; exit 1'),
  ])
  await untilEnded(world, failed.id)
  const [commit = ''] = (await world.ask(commitsForm, ['diff', failed.id, '--commits'])).repos.flatMap(({ commits }) => commits.map(({ oid }) => oid))
  await world.ask(approvalForm, ['approve', refreshed.id])
  humanCommits(api, 'CHANGES.md', '# Changes\n')
  await world.ask(runForm, ['refresh', refreshed.id])
  await world.ask(runForm, ['refresh', reviewed.id])
  const say = async (...words: readonly string[]): Promise<unknown> => world.ask(z.looseObject({}), ['comment', reviewed.id, ...words])
  await say('--at', 'api:src/round.js:2-4', 'What of amounts below zero?\nFloor and remainder are no pair there.')
  await say('--at', 'api:src/round.js', 'Say in the README that halves go to even')
  await say('Add a test for half a cent')
  await say('--reply', 'F1', 'They are refused before')
  await say('--declined', 'F1', '--because', 'see above')
  const running = await startRun(world, 'T0005', `${talk}; until [ -e ${join(world.dir, 'go')} ]; do sleep 0.1; done`)
  await untilEvent(world, running.id, 'run.started')
  nameAgent(world, 'careless', [process.execPath, acpPrograms.lying])
  const careless = await world.ask(askedForm, ['run', 'T0009', '--agent', 'careless', '--detach'])
  await untilAsked(world, careless.id)
  await world.ask(z.looseObject({}), ['answer', careless.id, '--allow'])
  await untilEnded(world, careless.id)
  const { handoff: claimed } = await world.ask(askedForm, ['show', careless.id])
  const asking = await world.ask(askedForm, ['run', 'T0010', '--agent', 'careless', '--detach'])
  await untilAsked(world, asking.id)
  writeFiles(api, { 'src/quote.js': `${quoteBefore}\n// my own draft\n`, 'ideas.txt': 'untracked\n' })
  git(web, 'switch', '--quiet', '--create', 'topic')
  return {
    world,
    pages: {
      board: '/',
      task: '/tasks/T0001',
      'task without runs': '/tasks/T0006',
      runs: '/runs',
      'run at work': `/runs/${running.id}`,
      'run that asks': `/runs/${asking.id}`,
      'run that claims': `/runs/${careless.id}`,
      'review of claims': `/runs/${careless.id}/review`,
      'handoff of claims': `/handoffs/${claimed ?? ''}`,
      'run that failed': `/runs/${failed.id}`,
      'run that landed': `/runs/${merged.id}`,
      'review that is blocked': `/runs/${reviewed.id}/review`,
      'review of a refreshed round': `/runs/${refreshed.id}/review`,
      'review since another round': `/runs/${refreshed.id}/review?since=1`,
      'review of an agent’s commits': `/runs/${failed.id}/review`,
      'review of one commit': `/runs/${failed.id}/review?commit=${commit}`,
      'review that landed': `/runs/${merged.id}/review`,
      handoffs: '/handoffs',
      handoff: '/handoffs/H0001',
      efforts: '/efforts',
      effort: '/efforts/E001',
      decisions: '/decisions',
      decision: '/decisions/D0001',
      notes: '/notes',
      note: '/notes/N0001',
      search: '/search?q=round',
      repos: '/repos',
      doctor: '/doctor',
      reference: '/reference',
      'no page': '/nowhere',
    },
    close: async () => {
      writeFileSync(join(world.dir, 'go'), '')
      await untilEnded(world, running.id)
      await world.ask(z.looseObject({}), ['cancel', asking.id])
      await world.close()
    },
  }
}

const quoteBefore = `import { priceOf } from './catalog.js'
import { round } from './round.js'

/** Prices an order: \`{ items: [{ product, count }] }\`. */
export function quote(order) {
  const lines = order.items.map(({ product, count }) => ({ product, count, amount: priceOf(product) * count }))
  const discount = (sum(lines) * (order.discountPercent ?? 0)) / 100
  return { lines, discount, total: round(sum(lines) - discount) }
}

function sum(lines) {
  return lines.reduce((total, line) => total + line.amount, 0)
}
`

const roundEverywhere = `
cat > api/src/round.js <<'EOF'
/** Returns whole cents; a half goes to the even neighbour, so that rounding favours nobody. */
export function round(cents) {
  const down = Math.floor(cents)
  const rest = cents - down
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1
  return down % 2 === 0 ? down : down + 1
}
EOF
sed -i 's/const discount = (sum(lines) \\*/const discount = round(sum(lines) */; s|) / 100$|) / 100|' api/src/quote.js
sed -i 's/adds up/adds up in whole cents/' api/test/quote.test.js
printf 'import { round } from "./round.js"\\n\\nexport const show = (cents) => (round(cents) / 100).toFixed(2)\\n' > web/src/price.js
cp api/src/round.js web/src/round.js
rm -f web/README.md
echo 'Rounded in api and web; 5 tests pass.'
`

const talk = `echo 'Reading the packet of $SIGNALBOX_TASK'; echo 'Looking for every place that shows a price'; for file in */* * ; do echo "  $file"; done; echo 'warning: no tests cover src/price.js' >&2`

const body = `A price is shown in **whole cents** everywhere, rounded the same way.

- [x] api rounds half to even
- [ ] web shows what api says

## Acceptance

1. \`quote({ … }).total\` is a whole number.
2. Nothing shows a third decimal.

> Decided in D0001; see N0001 for the figures.

| order | before | after |
|---|---|---|
| 3 teas, 5 % off | 1282.5 | 1282 |
`

function writeRecords({ memory }: World): void {
  const write = (path: string, fields: Readonly<Record<string, unknown>>, text = `${String(fields['title'])}, said in a sentence or two.\n`): void => {
    mkdirSync(join(memory, path, '..'), { recursive: true })
    writeFileSync(join(memory, path), `---\n${Object.entries(fields).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('')}---\n${text}`)
  }
  const both = { repos: ['api', 'web'], effort: 'E001' }
  write('tasks/T0001-round.md', { id: 'T0001', title: 'Round prices the same way everywhere', status: 'ready', ...both, priority: 1, labels: ['prices'], links: ['D0001'], scope: { api: ['src/**', 'test/**'] } }, body)
  write('tasks/T0002-tax.md', { id: 'T0002', title: 'Know the tax', status: 'ready', repos: ['api'], effort: 'E001', priority: 2 })
  write('tasks/T0003-say-more.md', { id: 'T0003', title: 'Say more in the README', status: 'ready', repos: ['api'] })
  write('tasks/T0004-catalog.md', { id: 'T0004', title: 'Read the catalog from a file', status: 'ready', repos: ['api'], priority: 2 })
  write('tasks/T0005-find.md', { id: 'T0005', title: 'Find every place that shows a price', status: 'ready', ...both })
  write('tasks/T0009-claim.md', { id: 'T0009', title: 'Say how prices are rounded', status: 'ready', repos: ['api'], priority: 3 })
  write('tasks/T0010-ask.md', { id: 'T0010', title: 'Test half a cent', status: 'ready', repos: ['api'], priority: 3 })
  write('tasks/T0006-currency.md', { id: 'T0006', title: 'Show the currency of the customer, with the sign where the customer’s language puts it', status: 'ready', ...both, depends_on: ['T0005'], labels: ['prices', 'later'] }, body)
  write('tasks/T0007-idea.md', { id: 'T0007', title: 'Discounts for regulars', status: 'draft' }, '')
  write('tasks/T0008-dropped.md', { id: 'T0008', title: 'Prices in guineas', status: 'dropped' }, '')
  write('efforts/E001-prices.md', { id: 'E001', title: 'One way to treat prices', status: 'active', repos: ['api', 'web'] }, body)
  write('efforts/E002-faster.md', { id: 'E002', title: 'Faster pages', status: 'paused' })
  write('decisions/D0001-half-even.md', { id: 'D0001', title: 'A half cent goes to the even neighbour', status: 'accepted', date: '2026-11-02', repos: ['api', 'web'], effort: 'E001' }, body)
  write('decisions/D0002-cents.md', { id: 'D0002', title: 'Amounts are whole cents', status: 'superseded', date: '2026-10-12' })
  write('notes/N0001-figures.md', { id: 'N0001', title: 'What rounding costs us', repos: ['api'], effort: 'E001', links: ['T0001', 'https://example.com/rounding'] }, body)
  write('notes/N0002-catalog.md', { id: 'N0002', title: 'The catalog changes every Monday' })
  writeFiles(memory, { 'notes/N0003-broken.md': '---\nid: N0003\ntitle: [not closed\n---\n' })
  commitAll(memory, 'Write down what we know')
}
