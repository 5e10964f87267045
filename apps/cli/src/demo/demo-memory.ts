import type { HumanFace, TaskView } from '@signalbox/core'
import type { DemoRepos } from './demo-repos.ts'

/** Registers the demo's repositories, writes what an earlier task left behind, and returns the task to do now. */
export async function fillMemory(human: HumanFace, repos: DemoRepos): Promise<TaskView> {
  await human.addRepo({ name: 'api', path: repos.api, baseBranch: 'main', checks: { test: 'node --test' } })
  await human.addRepo({ name: 'web', path: repos.web, baseBranch: 'main', checks: { test: 'node --test' } })
  const effort = await human.createRecord('effort', {
    title: 'Prices customers can trust',
    repos: both,
    body: 'Every amount a customer sees adds up, to the cent, and says what money it is.\n',
  })
  const wholeCents = await human.createRecord('decision', {
    title: 'Money is whole cents',
    repos: both,
    effort: effort.id,
    body: 'Amounts are integers, in cents. Whoever divides rounds at once, halves up. A float never leaves a function.\n',
  })
  await human.createRecord('decision', {
    title: 'web shows quotes and never computes',
    repos: ['web'],
    effort: effort.id,
    body: "The quote of `api` is the contract. What web needs to know, such as the currency, is a field of it.\n",
  })
  const halfCents = await human.createRecord('note', {
    title: 'Where half cents come from',
    repos: ['api'],
    effort: effort.id,
    body: 'A tea of 4.50 with 15 % off: the discount is 67.5 cents. `src/quote.js` keeps the half, so the receipt shows\n4.50 - 0.68 = 3.83.\n',
  })
  await human.createRecord('note', {
    title: 'The tests of web read api from the folder beside it',
    repos: ['web'],
    effort: effort.id,
    body: 'They import `../../api/src/quote.js`. A change of the contract therefore has to be tested with both repositories.\n',
  })
  const earlier = await doneEarlier(human, effort.id)
  return human.createTask({
    title: 'Show discounted prices that add up, with their currency',
    repos: both,
    effort: effort.id,
    dependsOn: [earlier.id],
    priority: 1,
    labels: ['prices'],
    links: [wholeCents.id, halfCents.id],
    scope: { api: ['src/**', 'test/**'], web: ['src/**', 'test/**'] },
    body: taskBody,
  })
}

const both = ['api', 'web']

const taskBody = `A receipt with a discount does not add up by a cent, and no amount says what money it is. Both repositories have
tests for it that fail on main. The rounding belongs into api, the currency into its quote, and web shows it.

## Acceptance
- [ ] A discount is whole cents, halves rounded up
- [ ] Every quote names its currency
- [ ] Receipt and page show each amount with its currency
- [ ] \`node --test\` is green in both repositories
`

/** Writes the task before this one, done, with the two handoffs of its two attempts. */
async function doneEarlier(human: HumanFace, effort: string): Promise<TaskView> {
  const task = await human.createTask({
    title: 'Take a discount in percent',
    repos: ['api'],
    effort,
    body: 'An order may carry `discountPercent`.\n\n## Acceptance\n- [x] The total is less the discount\n',
  })
  await human.createHandoff({
    task: task.id,
    what: 'The discount is taken per line',
    blocker: 'Per line and per order differ by a cent; somebody has to choose',
    next: 'Take it off the subtotal if the shop agrees',
    claims: ['node --test: 2 pass'],
  })
  await human.createHandoff({
    task: task.id,
    what: 'The discount is taken off the subtotal, once',
    next: 'Half cents are still carried along; round them where they arise, and tell web the currency',
    claims: ['node --test: 3 pass'],
  })
  return human.editTask(task.id, { status: 'done' })
}
