import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commitAll, startFakeModel } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, runForm } from './harness/contract.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

const homeForm = z.looseObject({ home: z.string() })
const agentsForm = z.looseObject({ agents: z.array(z.looseObject({ name: z.string(), home: z.string() })) })

/** What this machine can do, found out without the code under test. Where it cannot, a sandboxed run must be refused. */
const isSandboxed = spawnSync('bwrap', ['--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', 'true']).status === 0

const bin = join(import.meta.dirname, '../packages/agents/node_modules/.bin')

/** Says what it finds in its home, leaves something there, and commits in a repository of its own there. */
const probe = [
  'printf "%s\\n" "$HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$CLAUDE_CONFIG_DIR" > seen.txt',
  'ls -A "$HOME" > found.txt; touch "$HOME/left-by-$SIGNALBOX_RUN"',
  'test -d "$HOME/scratch" || git init -q "$HOME/scratch"',
  'git -C "$HOME/scratch" commit -q --allow-empty -m made && git -C "$HOME/scratch" log -1 --format="%an <%ae>" > author.txt',
  'git commit -q --allow-empty -m "of the agent"',
].join('; ')

let world: World
let human: string
beforeAll(async () => {
  world = await createWorld({ PATH: [bin, dirname(process.execPath), process.env['PATH']].join(':'), CLAUDE_CONFIG_DIR: '/of/the/human' })
  human = world.env['HOME'] ?? ''
  writeFileSync(join(human, '.gitconfig'), '[user]\n\tname = Ada \\"L\\" \\\\ Byron\n\temail = ada@example.com\n')
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
})
afterAll(() => world.close())

/** Says in the settings whose home agents have. */
function say(homes: string): void {
  const file = join(world.memory, 'signalbox.yaml')
  const others = readFileSync(file, 'utf8').split('\n').filter((line) => !line.startsWith('homes:')).join('\n')
  writeFileSync(file, `${others}homes: ${homes}\n`)
  commitAll(world.memory, 'Say whose homes')
}

async function runProbe(...flags: readonly string[]): Promise<string> {
  const task = await newTask(world, 'Look around', '--repo', 'api')
  return (await world.ask(runForm, ['run', task, '--agent', 'shell', ...flags, '--json', '--', 'sh', '-ec', probe])).id
}

/** The lines that it wrote into a file of its checkout. */
function linesOf(run: string, file: string): readonly string[] {
  return readFileSync(join(stateFolderOf(world), 'workspaces', run, 'api', file), 'utf8').trimEnd().split('\n')
}

describe('the home of an agent', () => {
  it.each(['private', 'linked'])('is its own where that is said, in %s isolation: nothing of its human is there, and nothing of another run', async (isolation) => {
    say('{otherwise: own}')
    for (const run of [await runProbe('--isolation', isolation), await runProbe('--isolation', isolation)]) {
      const home = join(stateFolderOf(world), 'runs', run, 'agent', 'home')
      expect(linesOf(run, 'seen.txt')).toEqual([home, join(home, '.config'), join(home, '.local/share'), join(home, '.local/state'), join(home, '.cache')])
      expect(linesOf(run, 'found.txt')).toEqual(['.gitconfig'])
      expect(linesOf(run, 'author.txt')).toEqual(['Ada "L" \\ Byron <ada@example.com>'])
      expect(await world.ask(homeForm, ['show', run])).toMatchObject({ home: 'own' })
      expect((await world.call(['show', run])).stdout).toContain('its own: it finds nothing of yours')
    }
    expect(readdirSync(human).filter((name) => name.startsWith('left-by'))).toEqual([])
  })

  it('is its own in a sandbox as well, and lasts for when its run goes on', async () => {
    say('{otherwise: own}')
    if (!isSandboxed) {
      const { error } = await world.ask(failureForm, ['run', await newTask(world, 'Look around', '--repo', 'api'), '--agent', 'shell', '--isolation', 'sandbox', '--json', '--', 'true'], 5)
      expect(error.code).toBe('sandbox.unavailable')
      return
    }
    const run = await runProbe('--isolation', 'sandbox')
    expect(linesOf(run, 'seen.txt')[0]).toBe(join(stateFolderOf(world), 'runs', run, 'agent', 'home'))
    expect(linesOf(run, 'found.txt')).toEqual(['.gitconfig'])
    await world.ask(runForm, ['resume', run])
    expect(linesOf(run, 'found.txt')).toEqual(expect.arrayContaining(['.gitconfig', `left-by-${run}`, 'scratch']))
  })

  it('stays what it was when its run goes on, whatever is said by then', async () => {
    say('{agents: {shell: own}}')
    const own = await runProbe()
    say('{agents: {shell: shared}}')
    const shared = await runProbe()
    expect(linesOf(shared, 'seen.txt')[0]).toBe(human)
    expect(linesOf(shared, 'seen.txt').at(-1)).toBe('/of/the/human')
    expect(await world.ask(homeForm, ['show', shared])).toMatchObject({ home: 'shared' })
    // What it set there since stays, too.
    appendFileSync(join(stateFolderOf(world), 'runs', own, 'agent', 'home', '.gitconfig'), '\tname = Renamed\n')
    await world.ask(runForm, ['resume', own])
    expect(linesOf(own, 'found.txt')).toContain(`left-by-${own}`)
    expect(linesOf(own, 'author.txt')).toEqual(['Renamed <ada@example.com>'])
  })

  it('is told beside each agent, as it is in a run that begins now', async () => {
    say('{otherwise: shared, agents: {codex: own, qwen: auto}}')
    const homesWith = async (env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> => {
      const { stdout } = await world.call(['agents', '--json'], { env })
      return Object.fromEntries(agentsForm.parse(JSON.parse(stdout)).agents.map(({ name, home }) => [name, home]))
    }
    expect(await homesWith({})).toMatchObject({ shell: 'shared', codex: 'own', 'codex-acp': 'shared', qwen: 'shared', claude: 'shared' })
    expect(await homesWith({ OPENAI_API_KEY: 'key', ANTHROPIC_API_KEY: 'key' })).toMatchObject({ codex: 'own', qwen: 'kept', claude: 'shared' })
  })

  it('of a real agent that has its own is all that it keeps anything in', { timeout: 120_000 }, async () => {
    say('{otherwise: own}')
    const model = await startFakeModel({ turns: [{ steps: [{ say: 'Done.' }] }] })
    try {
      const before = readdirSync(human)
      const task = await newTask(world, 'Say something', '--repo', 'api')
      const { stdout } = await world.signalbox(['run', task, '--agent', 'qwen', '--json'], { env: { OPENAI_API_KEY: 'scripted-key-0001', OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_MODEL: 'scripted' } })
      const run = runForm.parse(JSON.parse(stdout))
      expect(run).toMatchObject({ outcome: 'completed' })
      expect(readdirSync(human)).toEqual(before)
      expect(existsSync(join(stateFolderOf(world), 'runs', run.id, 'agent', 'qwen'))).toBe(true)
    } finally {
      await model.close()
    }
  })
})
