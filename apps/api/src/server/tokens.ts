import { join } from 'node:path'
import { hasCode, runIdSchema } from '@signalbox/core'
import * as z from 'zod'
import { nameOfSecret, newSecret, secretPattern } from './secret.ts'
import type { ServerState } from './server-state.ts'

/** Who a token speaks for: a page, the command line, or the agent of one run. */
const authoritySchema = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['ui', 'cli']), run: z.null() }),
  z.object({ role: z.literal('agent'), run: runIdSchema }),
])
export type Authority = z.infer<typeof authoritySchema>

const tokenSchema = z.object({ createdAt: z.string() }).and(authoritySchema)

/** Milliseconds a token that was found is taken as found: deleting its file ends it within that time. */
const trustMs = 1_000

/** Makes a bearer token; only its hash is kept. It counts at once, in servers that run already too. */
export async function mintToken(state: ServerState, authority: Authority, now: string): Promise<string> {
  const token = newSecret()
  await state.write(fileOf(state, nameOfSecret(token)), JSON.stringify({ ...authority, createdAt: now }))
  return token
}

/** Finds whom a token speaks for; undefined when it is none, or no longer one. At once for a token that was found just now. */
export type FindAuthority = (token: string) => Authority | undefined | Promise<Authority | undefined>

/** Returns what reads tokens. Those that were found are remembered while they are trusted, in this process only. */
export function createTokenReader(state: ServerState): FindAuthority {
  const found = new Map<string, { readonly authority: Authority; readonly until: number }>()
  const read = async (token: string): Promise<Authority | undefined> => {
    const authority = secretPattern.test(token) ? await readAuthority(state, fileOf(state, nameOfSecret(token))) : undefined
    if (authority === undefined) found.delete(token)
    else found.set(token, { authority, until: performance.now() + trustMs })
    return authority
  }
  return (token) => {
    const known = found.get(token)
    return known !== undefined && performance.now() < known.until ? known.authority : read(token)
  }
}

async function readAuthority(state: ServerState, file: string): Promise<Authority | undefined> {
  try {
    return await state.readJson(file, tokenSchema, 'Delete that file and ask for a new token')
  } catch (error) {
    // A damaged file lets nobody in, like a missing one.
    if (hasCode(error, 'config.invalid')) return undefined
    throw error
  }
}

function fileOf({ folder }: ServerState, name: string): string {
  return join(folder, 'tokens', `${name}.json`)
}
