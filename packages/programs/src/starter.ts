import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Asked, Told } from './messages.ts'
import { programsHere, type LaunchEnd, type ProgramEnd, type Programs } from './programs.ts'
import type { Output, StreamEnd } from './stream-program.ts'

/** Starts programs from a small process that was started early. */
export interface Starter extends Programs {
  /** Lets the small process go once it has told how all programs ended that it runs. What is asked from now on is started from this process. */
  close(): void
}

/** Built, it lies beside this file; in this repository's own tests it is run from its source. */
const programFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './starter-process.ts' : './starter-process.js', import.meta.url))

/** A small nursery: it hands on bytes, and keeps nothing. */
const nodeOptions = ['--max-semi-space-size=1', '--no-warnings']

/** Milliseconds beyond its own time after which a call is not waited for: by then the small process hangs. */
const graceMs = 5_000
/** Milliseconds a start may take that is not waited for. */
const launchMs = 30_000

/** A question that is not answered yet. */
interface Waiting {
  readonly outputs: Readonly<Record<Output, Buffer[]>>
  readonly settle: (end: StreamEnd | LaunchEnd) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Starts the small process. Until it is ready, and should it ever end or hang, programs are started from this one: nothing waits for
 * it, and nothing depends on it. It keeps nobody alive, and ends when this process does.
 */
export function createStarter(): Starter {
  const child = begin()
  return child === undefined ? { ...programsHere, close: () => undefined } : follow(child)
}

function begin(): ChildProcess | undefined {
  try {
    return fork(programFile, [], { cwd: '/', env: {}, execArgv: nodeOptions, detached: true, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  } catch {
    return undefined // The system has no memory for it.
  }
}

function follow(child: ChildProcess): Starter {
  const waiting = new Map<number, Waiting>()
  let isReady = false
  let isClosing = false
  let asked = 0

  child.unref()
  child.channel?.unref()
  child.on('message', (told: Told) => {
    if (told === 'ready') isReady = !isClosing
    else if ('piece' in told) waiting.get(told.number)?.outputs[told.output].push(told.piece)
    else settle(told.number, told.end)
  })
  child.on('error', lose) // It could not be started.
  child.once('disconnect', lose)

  /** Without it nobody tells how its programs end, so they end: what is said to have ended must not go on beside what is done about that. */
  function lose(): void {
    isReady = false
    endGroup(child.pid)
    for (const number of waiting.keys()) settle(number, { kind: 'failed', why: 'ended', message: 'it was ended with the process that starts programs' })
  }

  function settle(number: number, end: StreamEnd | LaunchEnd): void {
    const answered = waiting.get(number)
    if (answered === undefined) return
    waiting.delete(number)
    clearTimeout(answered.timer)
    if (waiting.size === 0) child.channel?.unref()
    answered.settle(end)
    letGo()
  }

  function letGo(): void {
    if (isClosing && waiting.size === 0 && child.connected) child.disconnect()
  }

  function ask(question: Omit<Asked, 'number'>, patienceMs: number): Promise<{ readonly end: StreamEnd | LaunchEnd } & Pick<Waiting, 'outputs'>> {
    const number = (asked += 1)
    return new Promise((resolve) => {
      const outputs = { stdout: [], stderr: [] }
      waiting.set(number, { outputs, settle: (end) => resolve({ end, outputs }), timer: setTimeout(lose, patienceMs).unref() })
      child.channel?.ref()
      child.send({ ...question, number }, (error) => {
        if (error !== null) lose()
      })
    })
  }

  return {
    run: async (call): Promise<ProgramEnd> => {
      if (!isReady) return programsHere.run(call)
      const { end, outputs } = await ask({ kind: 'run', call }, call.timeoutMs + graceMs)
      if (end.kind === 'exited') return { ...end, stdout: Buffer.concat(outputs.stdout), stderr: Buffer.concat(outputs.stderr) }
      return end as Exclude<ProgramEnd, { kind: 'exited' }> // The kind of an end follows that of its question.
    },
    launch: async (call) => (isReady ? ((await ask({ kind: 'launch', call }, launchMs)).end as LaunchEnd) : programsHere.launch(call)),
    close: () => {
      isReady = false
      isClosing = true
      letGo()
    },
  }
}

/** Ends the small process and the programs it waits for, which are of its group. Those it launched have groups of their own. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // There is nobody left in it, or no groups on this system.
  }
}
