import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import type { World } from './world.ts'

const bin = fileURLToPath(new URL('../../apps/cli/bin/signalbox.mjs', import.meta.url))

const serveForm = z.looseObject({ format: z.literal(1), url: z.url(), api: z.url(), pid: z.int().positive() })

/** A server of a world, in a process of its own. */
export interface ServedWorld {
  readonly url: string
  readonly port: number
  /** Asks for a fresh link, which lets one tab in. */
  link(): Promise<string>
  /** Kills it as a crash would. */
  kill(): Promise<void>
  /** Ends it as Ctrl+C would. */
  stop(): Promise<void>
  /** Starts it again, without saying which port. */
  restart(): Promise<void>
}

/** Serves a world with `signalbox serve` on a port of its own choice. */
export async function serveWorld(world: World): Promise<ServedWorld> {
  let server = await start(world)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { child } = server
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    get url() {
      return server.url
    },
    get port() {
      return Number(new URL(server.url).port)
    },
    link: () => freshLink(world),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    restart: async () => {
      server = await start(world)
    },
  }
}

/** Takes the link out of what `open` prints: nothing more is promised of it than that it holds one. */
async function freshLink(world: World): Promise<string> {
  const { stdout, stderr, exit } = await world.call(['open', '--json'])
  const [link] = /http:\/\/[^\s"]+#code=[\w-]+/.exec(stdout) ?? []
  if (link === undefined) throw new Error(`open exited ${exit} without a link: ${stdout}${stderr}`)
  return link
}

interface Started {
  readonly url: string
  readonly child: ChildProcessWithoutNullStreams
}

async function start(world: World): Promise<Started> {
  const child = spawn(process.execPath, [bin, 'serve', '--json'], { cwd: world.dir, env: world.env })
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')))
  const lines = createInterface({ input: child.stdout })
  const exited = once(child, 'exit').then(([exit]: unknown[]) => {
    throw new Error(`serve exited ${String(exit)} before it listened: ${told}`)
  })
  const [line] = await Promise.race([once(lines, 'line'), exited])
  exited.catch(() => {}) // From here on its end is what a test asks for.
  const { url } = serveForm.parse(JSON.parse(String(line)))
  return { url, child }
}
