import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { withProgress } from '../progress.ts'
import { agentListText } from '../text-agent.ts'

/** Defines `agents`. */
export function define(command: Command): void {
  command.description('Says which agents a run may name, which of them are installed here and in which version, and what each can do.')
  examples(command, 'signalbox agents', 'signalbox agents --json')
  command.action(
    act(async (human) => {
      const value = await withProgress('looking for agents', human.listAgents())
      return { value, text: (look) => agentListText(value.agents, look), note: '→ signalbox run TASK --agent NAME' }
    }),
  )
}
