import { parentPort, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { killLandings } from './killed-landing.ts'

/** A thread that kills landings in a world of its own: what looks at files there must not hold up a kill elsewhere. */
const { count, lane } = z.object({ count: z.int(), lane: z.int() }).parse(workerData)
const rounds = await killLandings(count, lane)
// oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(rounds)
