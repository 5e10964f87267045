import { isAbsolute, relative, resolve, sep } from 'node:path'
import { openClaims, type AgentEvent, type AgentEventOf, type RepoPath, type Run } from '@signalbox/core'
import { becauseOf } from './look.ts'
import { createRecordWords } from './redact.ts'
import type { Services } from './services.ts'
import type { Transcript } from './transcript.ts'

/** Sessions of one conversation that are recorded: an agent has one, or a second one where it lost it. */
const keptSessions = 10

/** Writes down in the log of a run what matters there of all that its agent says: its session, and in the end what it claims. */
export interface AgentNotes {
  take(event: AgentEvent): void
  /** Writes the rest. Before the agent is recorded to be gone. */
  close(): Promise<void>
}

/** Begins the notes of one conversation with an agent that works in `cwd`. */
export function createAgentNotes({ layout, log, env }: Pick<Services, 'layout' | 'log' | 'env'>, run: Run, { cwd, transcript }: { readonly cwd: string; readonly transcript: Pick<Transcript, 'write'> }): AgentNotes {
  const words = createRecordWords(env)
  const claims = openClaims()
  let sessions = 0
  let last: string | undefined
  let noted: Promise<unknown> = Promise.resolve()

  function noteSession({ id, how, model, mode }: AgentEventOf<'session'>): void {
    const data = { session: words(id), how, model: model === null ? null : words(model), mode: mode === null ? null : words(mode) }
    const told = JSON.stringify(data)
    // Some say it at every turn.
    if (told === last || sessions >= keptSessions) return
    last = told
    sessions += 1
    noted = noted.then(() => log.append(run.id, { type: 'session.opened', data })).catch((error: unknown) => transcript.write('signalbox', `Its session could not be recorded: ${becauseOf(error)}`))
  }

  /** Says which file of which repo a path is. */
  function place(path: string): RepoPath | undefined {
    for (const { repo } of run.repos) {
      const inside = relative(layout.run(run.id).checkout(repo), resolve(cwd, path))
      if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return { repo, path: inside }
    }
    return undefined
  }

  return {
    take: (event) => {
      if (event.type === 'tool') claims.take(event)
      if (event.type === 'session') noteSession(event)
    },
    close: async () => {
      await noted
      const said = claims.close(place)
      if (said === undefined) return
      await log.append(run.id, { type: 'agent.claimed', data: { ...said, outside: said.outside.map(words), commands: said.commands.map(({ command, exitCode }) => ({ command: words(command), exitCode })) } })
    },
  }
}
