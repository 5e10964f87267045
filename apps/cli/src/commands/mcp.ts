import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { examples } from '../examples.ts'
import { findPlace } from '../server-place.ts'

/** Defines `mcp`. */
export function define(command: Command): void {
  command.description(
    'Serves tools to your own editor or agent over its standard streams, by the Model Context Protocol: search, tasks, decisions, and proposing a task, which becomes a draft. Nothing of it starts, approves or lands anything. Agents in a run get tools of their own.',
  )
  examples(command, 'signalbox mcp', 'signalbox mcp --memory ~/memory')
  command.action(async () => {
    const { serveToolsOverStdio } = await import('@signalbox/api/tools')
    await serveToolsOverStdio(await findPlace(command), { version: manifest.version, input: process.stdin, output: process.stdout })
  })
}
