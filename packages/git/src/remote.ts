import { randomBytes } from 'node:crypto'
import { ControlError, hasCode, parseOid, quote, type BranchName, type Oid, type RemoteTarget } from '@signalbox/core'
import { redactAddress, showAddress, splitAddress, type SplitAddress } from './address.ts'
import type { Git } from './exec.ts'
import { boundTo, gitInSource, reach, type GitHere, type SourceRef } from './source-ref.ts'

/** Milliseconds a remote has to say what it has. */
const LOOK_MS = 30_000

/** A remote of a source, by its name there. */
export interface RemoteRef {
  readonly source: SourceRef
  readonly remote: string
}

/** A branch of a remote, and what would go there. */
export interface RemoteRequest extends RemoteRef {
  readonly branch: BranchName
  /** The branch the task means to land on. */
  readonly target: BranchName
  readonly base: Oid
}

/** A remote that can be spoken with. */
export interface OpenRemote {
  /** Its name for git: one that no settings of the source say anything of. */
  readonly name: string
  /** Where it is, without credentials. */
  readonly url: string
  /** git in the source, which may reach that remote. @throws ControlError `remote.unreachable` with no credential in it */
  readonly git: GitHere
  /** Returns what was said of it with every credential of its address left out. */
  readonly redact: (text: string) => string
}

/**
 * Looks at a remote and changes nothing, there or here.
 * @throws ControlError `remote.not_found`, `remote.unreachable`, `repo.unreachable`
 */
export async function readRemote(git: Git, { source, remote, branch, target, base }: RemoteRequest): Promise<RemoteTarget> {
  const open = await openRemote(git, { source, remote })
  const refs = await listRefs(open)
  return { url: open.url, head: refs.get(`refs/heads/${branch}`), targetHead: refs.get(`refs/heads/${target}`), hasBase: await findBase(git, source, base, refs) }
}

/** Returns the head of one branch of a remote; undefined when there is none. */
export async function readRemoteHead(open: OpenRemote, branch: BranchName): Promise<Oid | undefined> {
  return (await listRefs(open)).get(`refs/heads/${branch}`)
}

/**
 * Finds where a remote is pushed to by the human's settings, and gives it a name of ours for git: so nothing that settings
 * say of the remote itself (mirrors, programs for the other side, tracking branches) applies, and no command line has its address.
 */
export async function openRemote(git: Git, { source, remote }: RemoteRef): Promise<OpenRemote> {
  const here = gitInSource(git, source.path)
  const address = await readAddress(here, { source, remote })
  const name = `signalbox-${randomBytes(8).toString('hex')}`
  const login = loginOf(splitAddress(address))
  const config = {
    [`remote.${name}.url`]: login.address,
    [`remote.${name}.pushurl`]: login.address,
    // It was rewritten already: what leads from there to itself comes before all that is shorter.
    [`url.${login.address}.insteadOf`]: login.address,
    ...login.config,
  }
  // With these, as git will run: settings may be included for just this address.
  await reach(source, () => refuseOwnWays(here, source, config))
  const env = { ...boundTo(source.path), ...login.env }
  const rewritten = (await here(['ls-remote', '--get-url', name], { config })).text.replace(/\n$/, '')
  if (rewritten !== login.address) throw unreachable({ source, remote }, address, 'its address is rewritten twice by `insteadOf` settings')
  return {
    name,
    url: showAddress(address),
    redact: (text) => redactAddress(text, address),
    git: async (args, more) => {
      try {
        return await git('remote', args, { cwd: source.path, timeoutMs: LOOK_MS, ...more, config: { ...config, ...more?.config }, env: { ...env, ...more?.env } })
      } catch (error) {
        if (hasCode(error, 'git.timed_out')) throw unreachable({ source, remote }, address, 'it did not answer in time')
        if (!(error instanceof ControlError) || !hasCode(error, 'git.command_failed')) throw error
        const stderr = error.data?.['stderr']
        throw unreachable({ source, remote }, address, typeof stderr === 'string' && stderr !== '' ? stderr : error.message)
      }
    },
  }
}

/** Variables that a login goes by to the helper below; their names stand in its text, never their values. */
const [USER, PASSWORD] = ['SIGNALBOX_REMOTE_USER', 'SIGNALBOX_REMOTE_PASSWORD'] as const

/** Says a login of an address by settings and environment instead: of what git starts, neither is on a command line. */
function loginOf({ address, user, password }: SplitAddress): { readonly address: string; readonly config: Readonly<Record<string, string>>; readonly env: Readonly<Record<string, string>> } {
  if (user === undefined) return { address, config: {}, env: {} }
  const [place = ''] = /^https?:\/\/[^/]*/i.exec(address) ?? []
  if (password === undefined) return { address, config: { [`credential.${place}.username`]: user }, env: {} }
  const helper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${USER}" "$${PASSWORD}"; }; f`
  // A login in an address comes before every helper, so the others are not asked.
  return { address, config: { 'credential.helper': '', [`credential.${place}.helper`]: helper }, env: { [USER]: user, [PASSWORD]: password } }
}

/** Settings that name a program to reach remotes by, or may let somebody else than the remote be spoken with and told a login. */
const WAYS = '^(core\\.sshcommand|credential\\.(.*\\.)?helper|http\\..*)$'

/** Of these, what only says how fast it is done. */
const HARMLESS = /^http\.(.*\.)?(postbuffer|version|lowspeedlimit|lowspeedtime|maxrequests|minsessions|useragent)$/s

/** A repository's own settings are as executable as its hooks; those are not run either. What the human set for all of theirs holds. */
async function refuseOwnWays(here: GitHere, { repo, path }: SourceRef, config: Readonly<Record<string, string>>): Promise<void> {
  const { text } = await here(['config', '--show-scope', '-z', '--get-regexp', WAYS], { okExits: [0, 1], config })
  const fields = text.split('\0')
  const found = fields.flatMap((scope, at) => {
    const [, name = '', value = ''] = /^([^\n]*)\n?([^]*)$/.exec(at % 2 === 0 ? (fields[at + 1] ?? '') : '') ?? []
    // An empty helper takes those away that were named before; an empty switch is off.
    return (scope === 'local' || scope === 'worktree') && (value !== '' || name.startsWith('http.')) && !HARMLESS.test(name) ? [redactAddress(name, '')] : []
  })
  if (found.length === 0) return
  throw new ControlError('remote.unreachable', `the settings of ${repo} at ${path} say how remotes are reached (${[...new Set(found)].join(', ')}), and what only a repository says of that is not followed`, {
    hint: 'Say it in your own settings instead (`git config --global`, or a file it includes by `includeIf`), or push yourself',
  })
}

/** Returns where a remote is pushed to, in full: it may hold credentials. */
async function readAddress(here: GitHere, { source: { repo }, remote }: RemoteRef): Promise<string> {
  const { text, exitCode } = await here(['remote', 'get-url', '--push', '--all', '--end-of-options', remote], { okExits: [0, 2] })
  const addresses = text.split('\n').filter((line) => line !== '')
  const [address] = addresses
  if (exitCode !== 0 || address === undefined) {
    const names = (await here(['remote'])).text.split('\n').filter((name) => name !== '')
    throw new ControlError('remote.not_found', `${repo} has no remote ${remote}`, { hint: names.length === 0 ? 'Add one there: git remote add NAME URL' : `Name one it has with --remote: ${names.slice(0, 5).join(', ')}` })
  }
  if (addresses.length > 1) throw new ControlError('remote.unreachable', `${remote} of ${repo} is pushed to ${addresses.length} addresses at once, and nothing could be said of each`, { hint: 'Add a remote that has one address, and name that' })
  return address
}

/** Returns every branch and tag of a remote, by its whole name. */
export async function listRefs({ name, git }: OpenRemote): Promise<ReadonlyMap<string, Oid>> {
  const { text } = await git(['ls-remote', '--quiet', '--heads', '--tags', name])
  return new Map(
    text.split('\n').flatMap((line) => {
      const [id, ref] = line.split('\t')
      const oid = parseOid(id)
      return oid === undefined || ref === undefined ? [] : [[ref, oid] as const]
    }),
  )
}

/** Tells whether the remote has a commit already: one of its branches or tags has it in its history, as far as that is known here. */
export async function findBase(git: Git, source: SourceRef, base: Oid, refs: ReadonlyMap<string, Oid>): Promise<RemoteTarget['hasBase']> {
  const tips = [...new Set(refs.values())]
  if (tips.includes(base)) return 'yes'
  return reach(source, async () => {
    const here = gitInSource(git, source.path)
    // One that is missing would be left out below, and then nothing would seem to be missing there.
    await here(['cat-file', '-e', `${base}^{commit}`])
    const left = await here(['rev-list', '--max-count=1', '--ignore-missing', '--stdin'], { stdin: [base, ...tips.map((tip) => `^${tip}`)].map((line) => `${line}\n`).join('') })
    if (left.text === '') return 'yes'
    const known = await here(['cat-file', '--batch-check'], { stdin: tips.map((tip) => `${tip}\n`).join('') })
    return /^[0-9a-f]+ missing$/m.test(known.text) ? 'unknown' : 'no'
  })
}

function unreachable({ source: { repo, path }, remote }: RemoteRef, address: string, said: string): ControlError {
  const because = redactAddress(said, address)
  return new ControlError('remote.unreachable', `${remote} of ${repo} (${showAddress(address)}) could not be reached: ${because}`, {
    hint: `See whether you can, without being asked anything: GIT_TERMINAL_PROMPT=0 git -C ${quote(path)} ls-remote ${remote}`,
    data: { repo, remote, because },
  })
}
