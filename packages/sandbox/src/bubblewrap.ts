import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'

/** What stands in the way of confining anything here, and what helps. */
export interface Hindrance {
  readonly because: string
  readonly hint: string
}

/** Milliseconds an empty sandbox may take; it needs about ten. */
const probeMs = 10_000

/**
 * Namespaces of its own, no privileges, and an end with whoever started it. The user namespace is asked for by name: else
 * bubblewrap started by root would keep root's privileges.
 */
export const confinement: readonly string[] = ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--cap-drop', 'ALL', '--die-with-parent']

/** Returns the path of bubblewrap; undefined when it is not installed. */
export function findBubblewrap(path: string | undefined): string | undefined {
  return (path ?? '').split(delimiter).filter(isAbsolute).map((folder) => join(folder, 'bwrap')).find(isProgram)
}

/** Starts a sandbox around nothing: whether the kernel lets this user have one is known only then. */
export async function findHindrance(platform: NodeJS.Platform, path: string | undefined): Promise<Hindrance | undefined> {
  if (platform !== 'linux') return { because: `the sandbox needs bubblewrap, which is there on Linux only, and this is ${platform}`, hint: 'Use private isolation, or run this on Linux' }
  const program = findBubblewrap(path)
  if (program === undefined) return { because: 'bubblewrap (the program bwrap) is not installed', hint: 'Install the package bubblewrap, such as with: apt-get install bubblewrap' }
  try {
    await promisify(execFile)(program, [...confinement, '--unshare-net', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--', program, '--version'], { env: {}, timeout: probeMs })
    return undefined
  } catch (error) {
    return { because: `${program} could not make one: ${reasonOf(error)}`, hint: 'Let this user make user namespaces (kernel.unprivileged_userns_clone, user.max_user_namespaces; from Ubuntu 24.04 on, an AppArmor profile for bwrap); in a container, ask whoever runs it' }
  }
}

function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const [said] = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n') : []
  return said !== undefined && said !== '' ? said : 'message' in error ? String(error.message) : 'it does not say why'
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false // not there, or not for us: looked for in the next folder
  }
}
