import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, git } from '@signalbox/testkit'
import * as z from 'zod'
import { gateForm, handoffForm } from './contract.ts'
import { hostileFileNames, hostileTexts } from './hostile-text.ts'
import { createWorld, newTask, runScript, type World } from './world.ts'

/** A branch that git allows. */
export const hostileBranch = `x"><img/src=x/onerror=canary('branch')>`

/** A world in which every field that an agent, a repository or a file of the memory repo fills holds hostile text. */
export async function createHostileWorld(): Promise<World> {
  const world = await createWorld()
  const all = join(world.dir, 'hostile.txt')
  writeFileSync(all, `${hostileTexts.join('\n')}\n`)
  const api = world.source('api', { 'old.txt': `${hostileTexts.toReversed().join('\n')}\n` })
  git(api, 'branch', hostileBranch)
  git(api, 'switch', '--quiet', '--create', `human'"><svg/onload=canary('human')>`)
  writeFileSync(join(api, hostileFileNames[0] ?? ''), 'untracked work of the human\n')
  // Checks say it all and fail: their commands and their output are shown.
  await world.signalbox(['repo', 'add', api, '--name', 'api', '--base-branch', hostileBranch, '--check', `loud=cat "${all}"; echo '<img src=x onerror=canary("check")>'; exit 1`])
  writeRecords(world)
  const task = await newTask(world, '<img src=x onerror=canary("run")>', '--repo', 'api', '--body', hostileTexts.join('\n\n'))
  await runScript(world, task, `: '<svg onload=canary("argv")>'\n${agentScript(world, all)}`)
  // On lines that are hostile too: what was found is shown with them.
  await world.ask(z.looseObject({}), ['comment', 'R0001', '--at', 'api:old.txt:1-40', few(0)])
  await world.ask(z.looseObject({}), ['comment', 'R0001', '--reply', 'F1', few(20)])
  await world.ask(gateForm, ['gate', 'R0001'], 4)
  await world.ask(handoffForm, ['handoff', 'new', '--task', task, '--what', few(0), '--next', few(20), '--blocker', few(40), '--claim', few(60)])
  return world
}

/** Says everything, to both of its outputs, and writes it into files and names of files. */
function agentScript(world: World, all: string): string {
  const files = join(world.dir, 'hostile-files')
  mkdirSync(files)
  for (const [index, name] of hostileFileNames.entries()) writeFileSync(join(files, name), `${hostileTexts[index] ?? ''}\n`)
  return `cat '${all}'; cat '${all}' >&2; cp '${files}'/* .; cp '${all}' old.txt`
}

/** Some of the texts on one line: titles and the like are one line. */
function few(from: number): string {
  return hostileTexts.slice(from, from + 20).join(' ').replaceAll(/[\r\n]/g, ' ')
}

/** Writes records as an agent with an editor could: what the program itself would refuse is in them, too. */
function writeRecords({ memory }: World): void {
  const body = hostileTexts.join('\n\n')
  const write = (folder: string, id: string, fields: Readonly<Record<string, unknown>>): void => {
    mkdirSync(join(memory, folder), { recursive: true })
    const front = Object.entries({ id, ...fields }).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    writeFileSync(join(memory, folder, `${id}.md`), `---\n${front.join('')}---\n${body}\n`)
  }
  for (const [index, title] of hostileTexts.entries()) {
    write('tasks', `T${String(index + 1).padStart(4, '0')}`, { title, status: 'ready', repos: ['api'], labels: [title], links: [title] })
  }
  write('efforts', 'E001', { title: few(0), status: 'active', links: hostileTexts })
  write('decisions', 'D0001', { title: few(20), status: 'accepted', date: '2026-01-01', links: hostileTexts })
  write('notes', 'N0001', { title: few(40), links: hostileTexts })
  write('handoffs', 'H0001', {
    task: 'T0001',
    at: '2026-01-01T00:00:00Z',
    by: few(0),
    what: body,
    evidence: { changed: [{ repo: 'api', files: hostileTexts, insertions: 1, deletions: 1, reason: few(20) }], validation: hostileTexts.map((text) => ({ kind: 'claim', text })) },
    blocker: body,
    next: body,
  })
  writeFileSync(join(memory, 'notes', `N0002-<img src=x onerror=canary('file')>.md`), `---\nid: N0002\ntitle: [broken\n---\n`)
  commitAll(memory, hostileTexts[0] ?? '')
}
