import { absolutePath, type GitLocation } from './find-git.ts'

/**
 * Whose settings a git process reads. `vault`: nobody's, for our own git directories. `source`: the human's, so
 * that their ignores and identity hold in their repositories. `remote`: the same, and it may leave this machine, by the
 * human's ssh and credential helpers, without ever asking them anything.
 */
export type Profile = 'vault' | 'source' | 'remote'

/** What of the human's environment their own git would read its settings by. Everything else stays behind. */
const HUMAN_NAMES = ['HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM', 'USER', 'LOGNAME', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH'] as const

/** What of it their ssh, credential helpers and proxies go by. */
const REMOTE_NAMES = [
  'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'GIT_SSH', 'GIT_SSH_VARIANT', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR',
  'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY',
  'GH_TOKEN', 'GITHUB_TOKEN', 'GH_HOST', 'GH_CONFIG_DIR', 'GITLAB_TOKEN', 'XDG_RUNTIME_DIR', 'XDG_DATA_HOME', 'DBUS_SESSION_BUS_ADDRESS', 'APPDATA', 'LOCALAPPDATA',
] as const

/** What any program needs to run at all. */
const MACHINE_NAMES = ['TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SYSTEMROOT', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'] as const

/** Given on the command line level, so neither a repository's nor a user's settings win over them. */
const HARDENED: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  // A commit-graph says what commits are without their objects, and whoever can write there can have it lie.
  'core.commitGraph': 'false',
  'safe.bareRepository': 'explicit',
  'protocol.version': '2',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'advice.detachedHead': 'false',
  'submodule.recurse': 'false',
  'commit.gpgSign': 'false',
  'core.quotePath': 'false',
  // What a record names must outlast a power cut, as the record does: git leaves loose objects and refs to the system.
  'core.fsync': 'committed,loose-object,reference',
  'core.fsyncMethod': 'batch',
  // Git LFS takes from disk what is there and leaves the rest as pointers; without this it asks a server.
  'lfs.url': 'file:///dev/null',
  'lfs.skipdownloaderrors': 'true',
}

/** Also for our own git directories: nothing of the user's folders. */
const VAULT_ONLY: Readonly<Record<string, string>> = {
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
}

const ALWAYS: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  // Grafts tell git other parents than commits have; a path below a file is quietly no file.
  GIT_GRAFT_FILE: '/dev/null/none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'file',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ASKPASS: 'false',
  SSH_ASKPASS: 'false',
  GIT_SSH_COMMAND: 'false',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'false',
  GIT_SEQUENCE_EDITOR: 'false',
}

const { GIT_SSH_COMMAND: _noSsh, ...withoutSsh } = ALWAYS

/** The same when it may leave this machine: nothing can ask the human anything, and no other way is tried than those. */
const ASKING_NOTHING: Readonly<Record<string, string>> = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'false',
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'force',
  GCM_INTERACTIVE: 'never',
}

/** One call's own part of the environment. */
export interface EnvironmentRequest {
  readonly profile: Profile
  readonly location: GitLocation
  /** The environment the program was started with. */
  readonly inherited: Readonly<Record<string, string | undefined>>
  readonly config: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
}

/** Returns the whole environment of one git process: built, so that an inherited `GIT_DIR` or the like is not in it. */
export function buildEnvironment({ profile, location, inherited, config, env }: EnvironmentRequest): Record<string, string> {
  return {
    ...pick(inherited, MACHINE_NAMES),
    PATH: absolutePath(inherited['PATH'] ?? ''),
    LOCAL_GIT_DIRECTORY: location.prefix,
    GIT_EXEC_PATH: location.execPath,
    GIT_CONFIG_SYSTEM: location.systemConfig,
    ...(profile === 'remote' ? { ...withoutSsh, GIT_ALLOW_PROTOCOL: 'file:https:ssh', ...ASKING_NOTHING, ...pick(inherited, REMOTE_NAMES) } : ALWAYS),
    ...(profile === 'vault' ? { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' } : pick(inherited, HUMAN_NAMES)),
    ...configVariables({ ...HARDENED, ...(profile === 'vault' ? VAULT_ONLY : {}), ...config }),
    ...env,
  }
}

/** Variables that would make git answer for another repository, or tell a program where our state lies. */
const WITHHELD = /^(GIT_|npm_|SIGNALBOX_|GH_REPO$)/

/** Returns the environment of a program of the human's that may call git in their repository: theirs, with that git hardened like ours and nothing that asks. */
export function buildProgramEnvironment(inherited: Readonly<Record<string, string | undefined>>, added: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(inherited).flatMap(([name, value]) => (value === undefined || WITHHELD.test(name) ? [] : [[name, value] as const]))
  return { ...Object.fromEntries(kept), PATH: absolutePath(inherited['PATH'] ?? ''), ...ASKING_NOTHING, ...configVariables(HARDENED), ...added }
}

function pick(from: Readonly<Record<string, string | undefined>>, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = from[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}

function configVariables(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(config)
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) }
  entries.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key
    variables[`GIT_CONFIG_VALUE_${index}`] = value
  })
  return variables
}
