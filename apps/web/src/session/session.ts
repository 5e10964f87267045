import { createSignal } from 'solid-js'
import { authorized, connection } from '../api/connection.ts'
import { lastProgram, takeCode, token } from './token.ts'

/** Who the server says we are, and what it is called: no page names the product before. */
export interface Identity {
  readonly product: string
  readonly program: string
  /** What starts that program here: its name where it is on the PATH, else a path. */
  readonly launcher: string
  readonly version: string
  readonly memory: { readonly name: string; readonly path: string }
}

export type Session =
  | { readonly kind: 'starting' }
  /** `no_token`: nobody let this tab in yet. `code_refused`: the link was used or is too old. `token_refused`: it was let in once. */
  | { readonly kind: 'locked'; readonly because: 'no_token' | 'code_refused' | 'token_refused' }
  | { readonly kind: 'open'; readonly identity: Identity }

const [session, setSession] = createSignal<Session>({ kind: 'starting' })
export { session }

/** Returns the program's name for commands; three dots while it is not known. */
export function program(): string {
  const now = session()
  return now.kind === 'open' ? now.identity.program : '…'
}

/** Returns a shown command as it has to be typed here, where the program may not be on the PATH. */
export function toType(command: string): string {
  const now = session()
  if (now.kind !== 'open' || !command.startsWith(`${now.identity.program} `)) return command
  return now.identity.launcher + command.slice(now.identity.program.length)
}

/** Lets this tab in, by the code in its address or the token it has; also whenever a fresh link is opened in it. */
export function openSession(): void {
  window.addEventListener('hashchange', () => {
    const code = takeCode()
    if (code !== undefined) void enter(code)
  })
  void enter(takeCode())
}

/** Locks the page if the server no longer takes our token. Asked after any answer that says so. */
export async function verifySession(): Promise<void> {
  const answer = await connection.untilReached(() => authorized('/api/session'))
  if (answer.status !== 401 && answer.status !== 403) return
  token.forget()
  setSession({ kind: 'locked', because: 'token_refused' })
}

async function enter(code: string | undefined): Promise<void> {
  const refused = code !== undefined && !(await exchange(code))
  if (token.read() === undefined) return void setSession({ kind: 'locked', because: refused ? 'code_refused' : 'no_token' })
  const answer = await connection.untilReached(() => authorized('/api/session'))
  const identity = answer.ok ? readIdentity(await answer.json()) : undefined
  if (identity !== undefined) {
    lastProgram.keep(identity.launcher)
    return void setSession({ kind: 'open', identity })
  }
  token.forget()
  setSession({ kind: 'locked', because: refused ? 'code_refused' : 'token_refused' })
}

/** Trades a one-time code for a token; false when the server does not take it. */
async function exchange(code: string): Promise<boolean> {
  const answer = await connection.untilReached(() => fetch('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) }))
  const body: unknown = answer.ok ? await answer.json() : undefined
  const fresh = textAt(body, 'token')
  if (fresh === undefined) return false
  token.keep(fresh)
  return true
}

function readIdentity(body: unknown): Identity | undefined {
  const memory = at(body, 'memory')
  const [product, programName, version] = [textAt(body, 'product'), textAt(body, 'program'), textAt(body, 'version')]
  if (product === undefined || programName === undefined || version === undefined) return undefined
  return { product, program: programName, launcher: textAt(body, 'launcher') ?? programName, version, memory: { name: textAt(memory, 'name') ?? '', path: textAt(memory, 'path') ?? '' } }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key)
  return typeof found === 'string' ? found : undefined
}
