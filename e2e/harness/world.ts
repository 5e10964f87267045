import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, createTempDir, type Files } from '@signalbox/testkit'
import type { z } from 'zod'
import { callSignalbox, type CallOptions, type Outcome } from './cli.ts'
import { callLoaded } from './loaded-cli.ts'
import { failureForm, initForm, repoForm, runForm, taskForm, type FailureValue, type RunValue } from './contract.ts'
import { expectNothingRuns } from './leftovers.ts'

/** One human with a home, a memory repo, a state folder and source repositories, all in one temp folder. */
export interface World {
  readonly dir: string
  readonly memory: string
  readonly state: string
  readonly env: Readonly<Record<string, string>>
  /** Calls the program as a person would, in a process of its own; nothing is judged. */
  signalbox(args: readonly string[], options?: Partial<Pick<CallOptions, 'cwd' | 'env' | 'input' | 'inputFile'>>): Promise<Outcome>
  /** The same without the price of a new process: what only such a process has (signals, pipes, a terminal's input) is not there. */
  call(args: readonly string[], options?: Partial<Pick<CallOptions, 'cwd' | 'env'>>): Promise<Outcome>
  /** Calls it with `--json`, requires exit 0 (or `exit`), and returns the value in the form the contract promises. */
  ask<S extends z.ZodType>(form: S, args: readonly string[], exit?: number): Promise<z.output<S>>
  /** Calls it with `--json`, requires exit 4, and returns the refusal. */
  refused(...args: readonly string[]): Promise<FailureValue>
  /** Makes a source repository with plain git in `<dir>/<name>` and returns its path. */
  source(name: string, files: Files): string
  /** Requires that nothing of this world runs any more, then removes it. */
  close(): Promise<void>
}

/** Creates a world whose memory repo is made by `signalbox init`; `more` is laid over the environment of its human. */
export async function createWorld(more: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = openWorld(createTempDir('e2e'), more)
  await world.ask(initForm, ['init', world.memory])
  return world
}

/** Opens the world in a folder, whatever lies there already. */
export function openWorld(dir: string, more: Readonly<Record<string, string>> = {}): World {
  const memory = join(dir, 'memory')
  const state = join(dir, 'state')
  const env = { ...humanEnvironment(dir, memory, state), ...more }

  const world: World = {
    dir,
    memory,
    state,
    env,
    signalbox: (args, options = {}) => callSignalbox(args, { cwd: dir, ...options, env: { ...env, ...options.env } }),
    call: (args, options = {}) => callLoaded({ args, cwd: dir, ...options, env: { ...env, ...options.env } }),
    ask: async (form, args, exit = 0) => parseOutcome(form, await world.call(withJson(args)), exit),
    refused: (...args) => world.ask(failureForm, args, 4),
    source: (name, files) => createRepo(files, { path: join(dir, name) }),
    close: async () => {
      await expectNothingRuns(dir)
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  return world
}

/** Registers a source repository under a name. `checks` are `name=command`. */
export async function addRepo(world: World, name: string, path: string, ...checks: readonly string[]): Promise<void> {
  await world.ask(repoForm, ['repo', 'add', path, '--name', name, ...checks.flatMap((check) => ['--check', check])])
}

/** Writes a task and returns its id. */
export async function newTask(world: World, title: string, ...flags: readonly string[]): Promise<string> {
  return (await world.ask(taskForm, ['task', 'new', title, ...flags])).id
}

/** Lets a shell script work on a task and waits for the end of the run. */
export async function runScript(world: World, task: string, script: string): Promise<RunValue> {
  return world.ask(runForm, ['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`])
}

/** Parses what a call printed; the error of a call that ended otherwise than expected shows all of it. */
export function parseOutcome<S extends z.ZodType>(form: S, outcome: Outcome, exit: number): z.output<S> {
  const told = `signalbox ${outcome.args.join(' ')} exited ${outcome.exit}\n${outcome.stdout}${outcome.stderr}`
  if (outcome.exit !== exit) throw new Error(`Expected exit ${exit}: ${told}`)
  const parsed = form.safeParse(parseJson(outcome.stdout, told))
  if (parsed.success) return parsed.data
  throw new Error(`Not in the promised form: ${parsed.error.message}\n${told}`)
}

function parseJson(text: string, told: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`Not one JSON value: ${told}`, { cause })
  }
}

/** `--json` goes before `--`, after which everything belongs to the agent. */
function withJson(args: readonly string[]): readonly string[] {
  return args.includes('--json') ? args : [...args, '--json']
}

/** The environment of a person who just opened a terminal: nothing of git's, npm's or the test runner's. */
function humanEnvironment(dir: string, memory: string, state: string): Record<string, string> {
  const home = join(dir, 'home')
  mkdirSync(home, { recursive: true })
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    SIGNALBOX_STATE: state,
    SIGNALBOX_MEMORY: memory,
    LC_ALL: 'C',
    TZ: 'UTC',
  }
}
