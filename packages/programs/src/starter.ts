import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answered, Asked } from './messages.ts'
import { programsHere, type LaunchEnd, type ProgramEnd, type Programs } from './programs.ts'

/** Starts programs from a small process that was started early. */
export interface Starter extends Programs {
  /** Ends the small process. Programs go on; what is asked from now on is started from this process. */
  close(): void
}

/** Built, it lies beside this file; in this repository's own tests it is run from its source. */
const programFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './starter-process.ts' : './starter-process.js', import.meta.url))

/** Without room for more, its memory stays that of an empty Node, whatever passes through it. */
const nodeOptions = ['--max-semi-space-size=1', '--no-warnings']

type Answer = (end: ProgramEnd | LaunchEnd) => void

/**
 * Starts the small process. Until it is ready, and should it ever end, programs are started from this one: nothing waits for
 * it, and nothing depends on it. It keeps nobody alive, and ends when this process does.
 */
export function createStarter(): Starter {
  const waiting = new Map<number, Answer>()
  let ready: ChildProcess | undefined
  let asked = 0

  const child = fork(programFile, [], { cwd: '/', env: {}, execArgv: nodeOptions, detached: true, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  child.unref()
  child.channel?.unref()
  child.on('message', (answered: Answered) => {
    if (answered === 'ready') ready = child
    else settle(answered.number, answered.end)
  })
  child.on('error', lose) // It could not be started, or a message to it was lost.
  child.once('disconnect', lose)

  function lose(): void {
    ready = undefined
    const ended = { kind: 'failed', why: 'ended', message: 'The process that starts programs ended' } as const
    for (const number of waiting.keys()) settle(number, ended)
  }

  function settle(number: number, end: ProgramEnd | LaunchEnd): void {
    const answer = waiting.get(number)
    waiting.delete(number)
    if (waiting.size === 0) child.channel?.unref()
    answer?.(end)
  }

  function ask<T extends ProgramEnd | LaunchEnd>(to: ChildProcess, question: Omit<Asked, 'number'>): Promise<T> {
    const number = (asked += 1)
    return new Promise((resolve) => {
      // The kind of an answer follows that of its question.
      waiting.set(number, resolve as Answer)
      child.channel?.ref()
      to.send({ ...question, number }, (error) => {
        if (error !== null) lose()
      })
    })
  }

  return {
    run: (call) => (ready === undefined ? programsHere.run(call) : ask<ProgramEnd>(ready, { kind: 'run', call })),
    launch: (call) => (ready === undefined ? programsHere.launch(call) : ask<LaunchEnd>(ready, { kind: 'launch', call })),
    close: () => {
      ready = undefined
      if (child.connected) child.disconnect()
    },
  }
}
