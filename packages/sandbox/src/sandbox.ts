import { existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { ControlError } from '@signalbox/core'
import { confinement, findBubblewrap, findHindrance, type Hindrance } from './bubblewrap.ts'
import { cachesInHome, findSecrets, findTools, listShown, sharedPlaces, withheldVariables } from './hidden.ts'
import { isInSharedPlace, isWithin, mountsOf, type ConfinedCommand, type View } from './view.ts'

export type { Hindrance } from './bubblewrap.ts'

export interface SandboxOptions {
  /** Environment of the human: says where their home is, and where bubblewrap. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folders of which nothing can be read but what a command is given. */
  readonly hide: readonly string[]
  /** Folders of programs that must be seen although they lie where temporary files do. */
  readonly programs: readonly string[]
  readonly platform?: NodeJS.Platform
}

/** What to start in place of a command. */
export interface Confined {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
}

export interface Sandbox {
  /** Why nothing can be confined on this machine, and what helps; undefined when it can. Found out by trying. */
  findHindrance(): Promise<Hindrance | undefined>
  /** Returns the command to start in place of this one; its processes end with the process that started it. @throws ControlError `sandbox.unavailable` */
  confine(command: ConfinedCommand): Promise<Confined>
}

/** Returns the sandbox of this machine. */
export function createSandbox({ env, hide, programs, platform = process.platform }: SandboxOptions): Sandbox {
  return {
    findHindrance: async () => (findHome(env) === undefined ? homeless : findHindrance(platform, env['PATH'])),
    confine: async (command) => {
      const [program, home] = [platform === 'linux' ? findBubblewrap(env['PATH']) : undefined, findHome(env)]
      if (program === undefined || home === undefined) {
        const { because, hint } = (home === undefined ? homeless : await findHindrance(platform, env['PATH'])) ?? { because: 'bubblewrap came and went', hint: 'Try again' }
        throw new ControlError('sandbox.unavailable', `${command.argv[0]} was not started, for it cannot be confined here: ${because}`, { hint })
      }
      const view = gatherView(command, home, { env, hide, programs })
      const variables = Object.entries({ TMPDIR: '/tmp', ...command.inside }).flatMap(([name, value]) => ['--setenv', name, value])
      const network = command.policy.network === 'deny' ? ['--unshare-net'] : []
      return {
        argv: [program, ...confinement, ...network, ...mountsOf(view), ...variables, '--chdir', command.cwd, '--', ...command.argv],
        env: Object.fromEntries(Object.entries(command.env).filter(([name]) => !withheldVariables.includes(name))),
      }
    },
  }
}

const homeless: Hindrance = { because: 'a home folder is needed to keep apart, and HOME names none', hint: 'Set HOME to your home folder' }

/** Returns the real path of the human's home; undefined when it is no folder, or the root of all. */
function findHome(env: SandboxOptions['env']): string | undefined {
  const named = env['HOME'] ?? ''
  if (!isAbsolute(named) || statSync(named, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined
  const home = realpathSync(named)
  return home === '/' ? undefined : home
}

function gatherView(command: ConfinedCommand, home: string, { env, hide, programs }: Pick<SandboxOptions, 'env' | 'hide' | 'programs'>): View {
  const [ownHome, ownTemporary] = [join(command.folder, 'home'), join(command.folder, 'tmp')]
  // Once: what lies in that home later may be links.
  if (!existsSync(ownTemporary)) for (const folder of [...cachesInHome.map((name) => join(ownHome, name)), ownTemporary]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const ours = hide.filter((path) => existsSync(path)).map((path) => realpathSync(path))
  // In a shared place there is nothing to hide but what lies in the home that is put back there.
  const secrets = findSecrets(home, env).filter((path) => !isInSharedPlace(path) || isWithin(path, home))
  const hidden = [...secrets, ...ours]
  const tools = [...findTools(env['PATH']), ...programs, dirname(dirname(process.execPath))].filter((path) => isInSharedPlace(path) && existsSync(path))
  const read = [...command.read, ...tools].map((path) => realpathSync(path))
  const isHidden = (path: string): boolean => hidden.some((place) => isWithin(path, place))
  return {
    home,
    homeEntries: listShown(home),
    ownHome,
    ownTemporary,
    shared: sharedPlaces.filter((place) => existsSync(place)),
    opened: outermost(command.policy.write.map((path) => path.replace(/^~/, home)).filter((path) => existsSync(path)).map((path) => realpathSync(path))),
    read: [...read.filter((path) => !isHidden(path)), ...resolverFile()],
    hidden: hidden.map((path) => ({ path, isFolder: statSync(path).isDirectory() })),
    shown: read.filter(isHidden),
    write: command.write.map(realFolder),
  }
}

/** A link could have been put there, and would be followed. */
function realFolder(path: string): string {
  if (!lstatSync(path).isDirectory()) throw new ControlError('sandbox.unavailable', `${path} is no folder any more, so nothing can be confined to it`, { hint: 'Look at what lies there' })
  return realpathSync(path)
}

/** Of folders in each other only the outer ones: an inner one could be replaced by a link from one command to the next. */
function outermost(folders: readonly string[]): readonly string[] {
  return folders.filter((folder) => !folders.some((other) => other !== folder && isWithin(folder, other)))
}

/** Names of machines are found by a file that often lies where sockets do. */
function resolverFile(): readonly string[] {
  if (!existsSync('/etc/resolv.conf')) return []
  const file = realpathSync('/etc/resolv.conf')
  return isInSharedPlace(file) ? [file] : []
}
