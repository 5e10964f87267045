import { CommanderError, type Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { catalog } from './catalog.ts'
import { createProgram } from './program.ts'
import { usageErrorOf } from './usage-error.ts'

/** Every word of the command line that this version offers. */
const words = ['agents', 'answer', 'approve', 'attach', 'cancel', 'check', 'clean', 'comment', 'context', 'decision', 'demo', 'diff', 'doctor', 'effort', 'forecast', 'gate', 'handoff', 'index', 'init', 'log', 'mcp', 'merge', 'note', 'open', 'push', 'refresh', 'reject', 'repo', 'request-changes', 'restore', 'resume', 'review', 'run', 'runs', 'seal', 'search', 'serve', 'show', 'task', 'token', 'undo', 'waive', 'why']

/** Runs the program for its help or its complaint and returns what it printed and how it ended. */
async function ask(...args: readonly string[]): Promise<{ readonly out: string; readonly error: CommanderError }> {
  let out = ''
  const program = createProgram().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {}, outputError: () => {} })
  for (const command of program.commands) command.configureOutput(program.configureOutput())
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return { out, error }
    throw error
  }
  return expect.unreachable('the command ran')
}

/** Loads every command and returns the ones that do something, by their full name. */
async function leaves(): Promise<readonly (readonly [name: string, command: Command])[]> {
  const program = createProgram()
  const entries = Object.values(catalog).flat()
  for (const { name, load } of entries) {
    const command = program.commands.find((candidate) => candidate.name() === name)
    if (command !== undefined) (await load()).define(command)
  }
  return program.commands.flatMap((command) => (command.commands.length === 0 ? [[command.name(), command] as const] : command.commands.map((child) => [`${command.name()} ${child.name()}`, child] as const)))
}

describe('help', () => {
  test('at the top it lists every word, grouped along the loop', async () => {
    const { out, error } = await ask('--help')
    expect(error.exitCode).toBe(0)
    const listed = [...out.matchAll(/^ {2}([a-z][a-z-]*) {2,}\S/gm)].map((match) => match[1])
    expect(new Set(listed)).toEqual(new Set(words))
    expect(listed).toHaveLength(words.length)
    expect(out).toMatch(/Set up:[^]*Say what is wanted:[^]*Let an agent work:[^]*Review and land:[^]*Pass it on:[^]*See it in a browser:[^]*Keep house:[^]*Examples:/)
  })
  test.each(words)('%s says what it does and shows at least one real example', async (word) => {
    const { out, error } = await ask(word, '--help')
    expect(error.exitCode).toBe(0)
    expect(out).toMatch(new RegExp(`^Usage: signalbox ${word}[^]*\\n[A-Z][^]*\\.\\n[^]*Examples:\\n {2}\\$ signalbox ${word}`))
    expect(out).toContain('--json')
  })
  test('every command has a description and its arguments are named', async () => {
    for (const [name, command] of await leaves()) {
      expect(command.summary() + command.description(), name).not.toBe('')
      expect(command.usage(), name).not.toContain('undefined')
    }
  })
  test('the version is one line', async () => {
    expect((await ask('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('misuse', () => {
  const cases: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
    [['tsk'], "Unknown command 'tsk'", 'Did you mean task?'],
    [['task', 'shwo'], "Unknown command 'shwo'", 'Did you mean show?'],
    [['task'], 'A subcommand is missing', 'Add --help to see which there are'],
    [['show'], "Missing required argument 'run'", 'Add --help to the command to see its forms'],
    [['show', 'R0001', 'R0002'], "Too many arguments for 'show'. Expected 1 argument but got 2: R0001, R0002.", 'Add --help to the command to see its forms'],
    [['diff', 'R0001', '--stats'], "Unknown option '--stats'", 'Did you mean --stat?'],
    [['run', 'T0001'], "Required option '--agent <agent>' not specified", 'Add --help to the command to see its forms'],
    [['--memory'], "Option '--memory <dir>' argument missing", 'Add --help to the command to see its forms'],
    [['task', 'list', '--status', 'gone'], "Option '--status <status>' argument 'gone' is invalid. Allowed choices are draft, ready, active, review, blocked, done, dropped.", 'Add --help to the command to see its forms'],
  ]
  test.each(cases.map(([args, message, hint]) => ({ args, message, hint })))('$args is input.invalid with a sentence and a hint', async ({ args, message, hint }) => {
    const error = usageErrorOf((await ask(...args)).error)
    expect({ code: error.code, message: error.message, hint: error.hint }).toEqual({ code: 'input.invalid', message, hint })
  })
})
