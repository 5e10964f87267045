import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, gateForm, runForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

/** Every command there is, with its subcommands: nothing that is missing here may be offered, nothing that is here may be missing. */
const surface: Readonly<Record<string, readonly string[]>> = {
  init: [],
  repo: ['add', 'list', 'remove'],
  task: ['new', 'list', 'show', 'edit', 'next'],
  effort: ['new', 'list', 'show'],
  decision: ['new', 'list', 'show'],
  note: ['new', 'list', 'show'],
  context: [],
  agents: [],
  run: [],
  runs: [],
  show: [],
  log: [],
  answer: [],
  attach: [],
  resume: [],
  cancel: [],
  mcp: [],
  diff: [],
  restore: [],
  seal: [],
  check: [],
  gate: [],
  comment: [],
  review: [],
  'request-changes': [],
  waive: [],
  forecast: [],
  approve: [],
  merge: [],
  push: [],
  refresh: [],
  reject: [],
  undo: [],
  handoff: ['new', 'list', 'show'],
  why: [],
  search: [],
  serve: [],
  open: [],
  token: [],
  doctor: [],
  clean: [],
  index: ['rebuild'],
  demo: [],
}

const ESC = '\u001b'
const oneValue = z.looseObject({ format: z.literal(1) })

describe('what the command line offers', () => {
  let world: World
  const helpOf = async (words: readonly string[]): Promise<string> => {
    const { exit, stdout, stderr } = await world.call([...words, '--help'])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    return stdout
  }

  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  it('is every command of the loop and nothing else', async () => {
    expect(offeredIn(await helpOf([])).toSorted()).toEqual(Object.keys(surface).toSorted())
  })

  it.each(Object.entries(surface).filter(([, words]) => words.length > 0))('is every word of %s and nothing else', async (command, words) => {
    expect(offeredIn(await helpOf([command]))).toEqual(words)
  })

  const commands = Object.entries(surface).flatMap(([command, words]) => [[command], ...words.map((word) => [command, word])])
  it.each(commands.map((words) => [words.join(' '), words] as const))('shows an example of %s', async (_name, words) => {
    expect(await helpOf(words)).toMatch(new RegExp(`\\nExamples:\\n(.*\\n)*?  \\$ (export |)signalbox ${words.join(' ')}`))
  })

  it.each([[['nonsense']], [['task', 'nonsense']], [['task']], [['show']], [['show', 'R0001', 'more']], [['runs', '--nonsense']]])('refuses %j with a sentence and the next step', async (args) => {
    const { error } = await world.ask(failureForm, args, 2)
    expect(error).toMatchObject({ code: 'input.invalid', message: expect.stringMatching(/^[A-Z].*\w/), hint: expect.stringMatching(/\w+ \w+/) })
  })
})

/** Names as hostile as a file system and a Markdown file can hold. */
const hostile = { title: `Clear ${ESC}[2J the screen`, path: `line\nbreak${ESC}[31m.txt` }

describe('every answer', () => {
  let world: World
  let api: string

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'file.txt': 'before\n' })
    await addRepo(world, 'api', api, 'green=true')
    await newTask(world, hostile.title, '--repo', 'api', '--body', `Body with ${ESC}[31m red\n`)
    await world.signalbox(['effort', 'new', hostile.title])
    await world.signalbox(['decision', 'new', hostile.title])
    await world.signalbox(['note', 'new', hostile.title, '--repo', 'api', '--body', `${ESC}]0;gotcha\u0007`])
    await runScript(world, 'T0001', `printf 'said ${ESC}[31m red\\n'; printf x > '${hostile.path}'`)
    await world.signalbox(['approve', 'R0001'])
    await world.signalbox(['comment', 'R0001', `see ${ESC}[2J here`])
    await world.signalbox(['comment', 'R0001', '--declined', 'F1'])
    writeFiles(api, { [hostile.path]: 'mine\n' })
  })
  afterAll(() => world.close())

  /** A line, how it exits, and what its text must show in place of what would steer a terminal. */
  const reads: readonly (readonly [line: string, exit: number, shows?: string])[] = [
    ['repo list', 0],
    ['task list', 0, 'Clear \\x1b[2J the screen'],
    ['task show T0001', 0, 'Body with \\x1b[31m red'],
    ['task next', 0],
    ['effort list', 0, 'Clear \\x1b[2J the screen'],
    ['effort show E001', 0],
    ['decision list', 0],
    ['decision show D0001', 0, 'Clear \\x1b[2J the screen'],
    ['note list', 0],
    ['note show N0001', 0, '\\x1b]0;gotcha\\x07'],
    ['context T0001', 0],
    ['context T0001 --markdown', 0, 'Clear \\u001b[2J the screen'],
    ['agents', 0, 'built in'],
    ['runs', 0],
    ['show R0001', 0, 'line\\nbreak\\x1b[31m.txt'],
    ['log R0001', 0, 'said \\x1b[31m red'],
    ['log R0001 -f', 0],
    ['diff R0001', 0],
    ['diff R0001 --since s1', 2],
    ['diff R0001 --stat', 0, 'line\\nbreak\\x1b[31m.txt'],
    ['check R0001', 0],
    ['review R0001', 0, 'see \\x1b[2J here'],
    ['gate R0001', 4, 'line\\nbreak\\x1b[31m.txt'],
    ['forecast', 0, 'Clear \\x1b[2J the screen'],
    ['merge R0001', 4],
    ['refresh R0001', 4],
    ['undo R0001', 4],
    ['cancel R0001', 4],
    ['handoff list', 0],
    ['handoff show H0001', 0, '> said  red'],
    ['why api:file.txt:1', 0],
    ['search screen', 0, 'Clear \\u001b[2J the screen'],
    ['index rebuild', 0],
    ['doctor', 0],
    ['clean --dry-run', 0, 'Name it to remove its workspace'],
    ['show R0999', 3],
    ['show nonsense', 2],
  ]

  it.each(reads.map(([line, exit, shows = '']) => ({ line, exit, shows })))('to `$line` is one JSON value with --json, and plain text in a pipe', async ({ line, exit, shows }) => {
    const args = line.split(' ')
    const [json, text] = await Promise.all([world.signalbox([...args, '--json']), world.signalbox(args)])
    parseOutcome(oneValue, json, exit)
    expect(text.exit).toBe(exit)
    expect(text.stdout).toContain(shows)
    for (const output of [json.stdout, json.stderr, text.stdout, text.stderr]) expect(steeringIn(output)).toEqual([])
    expect(json.stderr).toBe('')
  })

  const writes: readonly (readonly string[])[] = [
    ['repo', 'remove', 'web'],
    ['task', 'new', 'Title', '--repo', 'api'],
    ['task', 'edit', 'T0002', '--status', 'draft', '--base-branch', 'main', '--title', 'Other'],
    ['effort', 'new', 'Title'],
    ['decision', 'new', 'Title'],
    ['note', 'new', 'Title'],
    ['handoff', 'new', '--task', 'T0001', '--what', 'Did', '--next', 'Do'],
    ['seal', 'R0001'],
    ['comment', 'R0001', 'x'],
    ['comment', 'R0001', '--addressed', 'F2'],
    ['reject', 'R0001', '--because', 'no'],
    ['approve', 'R0001'],
    ['merge', 'R0001', '--approve'],
    ['undo', 'R0001'],
  ]

  it('to what changes something is one JSON value too', async () => {
    writeFiles(api, { [hostile.path]: null })
    await addRepo(world, 'web', world.source('web', { 'file.txt': 'web\n' }))
    for (const args of writes) {
      const outcome = await world.signalbox([...args, '--json'])
      parseOutcome(oneValue, outcome, 0)
      expect(outcome.stderr).toBe('')
    }
    const run = await world.ask(runForm, ['run', 'T0001', '--detach', '--agent', 'shell', '--json', '--', 'sh', '-c', 'while :; do sleep 0.1; done'])
    expect(await world.ask(runForm, ['cancel', run.id])).toMatchObject({ state: 'ended', outcome: 'cancelled' })
  })

  it('to a run that is waited for tells what its agent says, once, but with --json', async () => {
    const said = ['--agent', 'shell', '--', 'sh', '-c', 'echo said']
    const told = await world.signalbox(['run', 'T0001', ...said])
    expect(told).toMatchObject({ exit: 0, stderr: expect.stringMatching(/│ said\n(.*\n)*.*Agent ended/) })
    const id = /R\d{4}/.exec(told.stderr)?.[0] ?? ''
    expect((await world.call(['resume', id])).stderr.match(/│ said/g)).toHaveLength(1)
    expect((await world.call(['run', 'T0001', '--json', ...said])).stderr).not.toContain('│ said')
  })

  it('to a run that failed is the run with its handoff, and exit 5; it changed nothing, so there is nothing to merge', async () => {
    const run = await world.ask(runForm, ['run', 'T0001', '--agent', 'shell', '--json', '--', 'sh', '-c', 'exit 3'], 5)
    expect(run).toMatchObject({ state: 'ended', outcome: 'failed', because: expect.stringContaining('exited 3'), handoff: expect.any(String) })
    expect(await world.ask(gateForm, ['gate', run.id], 4)).toMatchObject({ verdict: 'nothing_to_merge', blockers: [{ code: 'nothing_changed' }] })
    expect((await world.refused('merge', run.id, '--approve')).error.code).toBe('gate.blocked')
  })

  it('is about the memory repo that is named, around the caller, or made first, and says when there is none', async () => {
    const bare = { SIGNALBOX_MEMORY: '' }
    const stranger = { ...bare, SIGNALBOX_STATE: join(world.dir, 'nobody') }
    const answers = await Promise.all([
      world.signalbox(['task', 'list']),
      world.signalbox(['task', 'list'], { cwd: join(world.memory, 'tasks'), env: stranger }),
      world.signalbox(['--memory', world.memory, 'task', 'list'], { env: stranger }),
      world.signalbox(['task', 'list', '--memory', 'memory'], { env: stranger }),
      world.signalbox(['task', 'list'], { env: bare }),
    ])
    expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1)
    const none = await world.signalbox(['task', 'list', '--json'], { cwd: api, env: stranger })
    expect(parseOutcome(failureForm, none, 3).error).toMatchObject({ code: 'memory.not_found', hint: expect.stringContaining('signalbox init') })
  })

  it('leaves the memory repo clean', () => {
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
  })
})

/** Returns what would steer a terminal: everything of C0, DEL and C1 but line ends and tabs. */
function steeringIn(text: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- control bytes are exactly what must not be there
  return text.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g) ?? []
}

/** Returns the first words of the lines below `Commands:` and the group headings that stand for it. */
function offeredIn(help: string): readonly string[] {
  return help
    .split('\n')
    .slice(help.split('\n').findIndex((line) => line.startsWith('Global Options:') || line.startsWith('Options:')) + 1)
    .flatMap((line) => /^ {2}([a-z][a-z-]*)(?: .*)?$/.exec(line)?.[1] ?? [])
}
