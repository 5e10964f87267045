import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where keys and logins usually lie, below the home of the human. What else they own can be read. */
const secretsInHome = [
  '.ssh',
  '.gnupg',
  '.password-store',
  '.netrc',
  '.git-credentials',
  '.config/git/credentials',
  '.config/gh',
  '.config/glab-cli',
  '.config/hub',
  '.config/gcloud',
  '.config/rclone',
  '.config/op',
  '.config/google-chrome',
  '.config/chromium',
  '.mozilla',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.terraform.d',
  '.vault-token',
  '.npmrc',
  '.pypirc',
  '.pgpass',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.local/share/keyrings',
  '.bash_history',
  '.zsh_history',
  '.Xauthority',
]

/** Caches that tools give up without when they cannot write them: the confined get empty ones to fill. */
export const cachesInHome: readonly string[] = ['.cache', '.npm']

/** Folders where programs of the whole machine keep sockets and what is theirs for a while; the confined get empty ones. */
export const sharedPlaces: readonly string[] = ['/tmp', '/var/tmp', '/run', '/dev']

/** Variables that lead to other programs of the human: agents of keys, the desktop, the session's bus. */
export const withheldVariables: readonly string[] = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'GPG_AGENT_INFO', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'GIT_ASKPASS', 'SSH_ASKPASS']

/** Returns the places of secrets that are there, each by its real path and as its name leads to it. */
export function findSecrets(home: string, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const named = [...secretsInHome.map((place) => join(home, place)), env['SSH_AUTH_SOCK'] ?? '', env['XAUTHORITY'] ?? '']
  return [...new Set(named.filter((path) => path.startsWith('/') && existsSync(path)).flatMap((path) => [path, realpathSync(path)]))]
}

/** Returns what lies directly in a home and is shown to the confined; dangling links lead nowhere. @throws when it cannot be read */
export function listShown(home: string): readonly string[] {
  return readdirSync(home)
    .filter((name) => !cachesInHome.includes(name))
    .map((name) => join(home, name))
    .filter((path) => existsSync(path))
}

/** Returns the folders of programs on the search path that lie in a shared place: toolchains are read, wherever they are. */
export function findTools(path: string | undefined): readonly string[] {
  const folders = (path ?? '').split(':').filter((folder) => sharedPlaces.some((place) => folder.startsWith(`${place}/`)) && existsSync(folder))
  return folders.map((folder) => (/^s?bin$/.test(basename(folder).replace(/^\./, '')) ? dirname(folder) : folder)).filter((folder) => !sharedPlaces.includes(folder))
}
