import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Agent, AgentEvent, PermissionAnswer } from '@signalbox/core'
import { createRepo, createTempDir, startFakeModel, startToolServer, type FakeModel, type Scenario, type ToolServer } from '@signalbox/testkit'
import { driveAgent, type DriveEnd } from '../../src/drive.ts'
import { headlessProfiles } from '../../src/headless/profiles.ts'
import { builtInAgents } from '../../src/registry.ts'
import type { RealAgent } from './agents.ts'

/** A checkout, a home and a scripted model for one trial of one agent. */
export interface Stage {
  readonly agent: Agent
  readonly way: RealAgent['way']
  readonly model: FakeModel
  readonly tools: ToolServer
  /** Returns a file of the checkout; `undefined` when there is none. */
  readonly read: (path: string) => string | undefined
  readonly drive: (options?: DriveOptions) => Promise<Driven>
  readonly close: () => Promise<void>
}

export interface DriveOptions {
  /** Whether it may run commands: by a word of the human, or by an answer where it asks. */
  readonly mayRun?: boolean
  readonly session?: string | undefined
  readonly withTools?: boolean
  readonly signal?: AbortSignal
}

export interface Driven {
  readonly end: DriveEnd
  readonly events: readonly AgentEvent[]
  readonly ms: number
}

/** Sets up a trial. */
export async function createStage(real: RealAgent, bin: string, scenario: Scenario): Promise<Stage> {
  const folder = createTempDir(`real-${real.name}`)
  const human = join(folder, 'human')
  mkdirSync(human)
  const tree = createRepo({ 'notes.txt': 'a note\n' }, { path: join(folder, 'tree') })
  const [model, tools] = [await startFakeModel(scenario), await startToolServer()]
  const { agent, mayAllowCommands } = agentOf(real)
  const path = [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':')
  const env = { PATH: path, HOME: human, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...real.env(model.url, human) }

  return {
    agent,
    way: real.way,
    model,
    tools,
    read: (name) => (existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined),
    drive: async ({ mayRun = true, session, withTools = false, signal } = {}) => {
      const events: AgentEvent[] = []
      const began = performance.now()
      const answer: PermissionAnswer = mayRun ? { kind: 'allow', lasting: 'once' } : { kind: 'refuse', because: 'not this time' }
      const end = await driveAgent({
        agent,
        argv: [...real.argv, ...(mayRun && mayAllowCommands ? ['--allow-commands'] : [])],
        cwd: tree,
        home: join(folder, 'home'),
        prompt: 'Do the work please',
        env,
        ...(session === undefined ? {} : { session }),
        ...(withTools ? { mcp: { name: 'signalbox', url: tools.url, token: tools.token } } : {}),
        ...(signal === undefined ? {} : { signal }),
        onEvent: (event) => void events.push(event),
        onPermission: async ({ mcpServer }) => (mcpServer === null ? answer : { kind: 'allow', lasting: 'once' }),
      })
      return { end, events, ms: Math.round(performance.now() - began) }
    },
    close: async () => {
      await model.close()
      await tools.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function agentOf({ name, way, command }: RealAgent): { readonly agent: Agent; readonly mayAllowCommands: boolean } {
  const agent = builtInAgents().find((each) => each.name === name)
  if (agent === undefined) throw new Error(`no agent ${name}`)
  return { agent, mayAllowCommands: way === 'lines' && headlessProfiles.some(({ program, mayAllowCommands }) => program === command && mayAllowCommands) }
}
