import * as z from 'zod'
import { redeemCode } from './launch-codes.ts'
import { denied, invalid, type Refusal } from './refusal.ts'
import type { ServerState } from './server-state.ts'
import { mintToken, type Authority } from './tokens.ts'

/** Path of the calls about who is asking. */
export const sessionPath = '/api/session'

/** Bytes of a body that is read before it is known who sends it: a code, and little around it. */
export const maxLaunchBytes = 1_024

/** What is served: said to whoever has a token, and to nobody else. */
export interface Served {
  readonly product: string
  /** Name of the command line program, for commands that are shown. */
  readonly program: string
  /** What starts that program here: its name where it is on the PATH, else a path. */
  readonly launcher: string
  readonly version: string
  readonly memory: { readonly name: string; readonly path: string }
}

const launchSchema = z.strictObject({ code: z.string() })

/** Trades a launch code for the token of a page, or returns why not. */
export async function openSession(state: ServerState, body: unknown, now: Date): Promise<{ readonly token: string } | Refusal> {
  const launch = launchSchema.safeParse(body)
  if (!launch.success) return invalid(400, 'A session is opened with the code of a link', 'Send {"code": "…"}')
  if (!(await redeemCode(state, launch.data.code, now))) return denied(403, 'This link was used already, or is too old', 'Ask for a fresh one where the server was started')
  return { token: await mintToken(state, { role: 'ui', run: null }, now.toISOString()) }
}

/** Returns what a token may do and what it speaks to. */
export function describeSession(authority: Authority, served: Served): object {
  return { role: authority.role, run: authority.run, ...served }
}
