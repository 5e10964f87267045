import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll } from '@signalbox/testkit'
import { repoForm } from './contract.ts'
import { addRepo, createWorld, type World } from './world.ts'

/** A task nobody worked on, and the id that its first run will get. */
export interface Planned {
  readonly task: string
  readonly run: string
}

/** A world for runs that are disturbed. They talk to the test by files beside the repositories, each named after its run. */
export interface RunWorld {
  readonly world: World
  /** Writes a task by hand. Each run has one of its own, so that nothing of one is taken for another's. */
  readonly plan: (repo?: 'api' | 'slow') => Planned
  /** Path of a flag. */
  readonly flag: (name: string) => string
  readonly raise: (name: string) => void
  /** The pid that a process wrote into its flag. */
  readonly pidIn: (name: string) => number
}

/** Creates one with the repos `api`, and `slow`, whose setup and check wait as long as `<run>-hold-setup` or `<run>-hold-check` is there. */
export async function createRunWorld(): Promise<RunWorld> {
  const world = await createWorld()
  const flag = (name: string): string => join(world.dir, name)
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
  const wait = (name: string): string => `touch "${flag(`$SIGNALBOX_RUN-${name}`)}"; while [ -e "${flag(`$SIGNALBOX_RUN-hold-${name}`)}" ]; do sleep 0.05; done`
  const slow = world.source('slow', { 'file.txt': 'before\n' })
  await world.ask(repoForm, ['repo', 'add', slow, '--name', 'slow', '--setup', wait('setup'), '--check', `waits=${wait('check')}`])
  let planned = 0
  return {
    world,
    flag,
    plan: (repo = 'api') => {
      const number = String((planned += 1)).padStart(4, '0')
      mkdirSync(join(world.memory, 'tasks'), { recursive: true })
      writeFileSync(join(world.memory, 'tasks', `T${number}.md`), `---\nid: T${number}\ntitle: Task ${number}\nstatus: ready\nrepos: [${repo}]\n---\nWhat and why.\n`)
      commitAll(world.memory, `Write T${number}`)
      return { task: `T${number}`, run: `R${number}` }
    },
    raise: (name) => writeFileSync(flag(name), ''),
    pidIn: (name) => Number(readFileSync(flag(name), 'utf8')),
  }
}

/** A script: work, `<run>-started`, a wait for `<run>-go`, more work. */
export function held({ flag }: RunWorld, run: string): string {
  return `echo half > file.txt; echo $$ > '${flag(`${run}-started`)}'; while [ ! -e '${flag(`${run}-go`)}' ]; do sleep 0.05; done; echo whole > file.txt`
}

/** A script that starts a process which leaves the group, hears no SIGTERM, and would stay for ever; its pid is in `<run>-daemon`. */
export function daemon({ flag }: RunWorld, run: string): string {
  const pid = flag(`${run}-daemon`)
  return `setsid sh -c "trap '' TERM HUP INT; echo \\$\\$ > '${pid}'; while :; do sleep 0.2; done" > /dev/null 2>&1 & while [ ! -s '${pid}' ]; do sleep 0.02; done`
}
