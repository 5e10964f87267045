import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { run } from '@signalbox/testkit'
import * as z from 'zod'

/** The folder of this repository. */
export const root = join(import.meta.dirname, '../..')

const manifestSchema = z.looseObject({ name: z.string(), version: z.string(), private: z.boolean().optional(), scripts: z.record(z.string(), z.string()).default({}), dependencies: z.record(z.string(), z.string()).default({}) })
export type Manifest = z.infer<typeof manifestSchema>

/** A package that is published: its short name and its folder here. */
export interface Published {
  readonly name: string
  readonly folder: string
  readonly manifest: Manifest
}

/** Returns every package that npm would get, by its manifest. */
export function readPublished(): readonly Published[] {
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => ({ name, folder: join(root, group, name) })))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')))
    .map((found) => ({ ...found, manifest: parseManifest(readFileSync(join(found.folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
}

/** A tarball as npm would get it. */
export interface Packed {
  readonly tarball: string
  /** Paths in the package. */
  readonly files: readonly string[]
  readonly manifest: Manifest
  /** Returns the text of one file of it. */
  readonly read: (file: string) => string
}

/** Packs one package the way it is published, into the folder `into`. */
export function pack({ folder, manifest }: Published, into: string): Packed {
  run(folder, 'pnpm', ['pack', '--pack-destination', into])
  const tarball = join(into, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`)
  const unpacked = tarball.replace(/\.tgz$/, '')
  mkdirSync(unpacked)
  const files = run(unpacked, 'tar', ['-xvzf', tarball]).trimEnd().split('\n').map((line) => line.replace(/^package\//, ''))
  const read = (file: string): string => readFileSync(join(unpacked, 'package', file), 'utf8')
  return { tarball, files, manifest: parseManifest(read('package.json')), read }
}

/**
 * Installs packages with npm into a project of their own, without running a script of any of them. npm is told that each
 * may only come from its tarball: it would ask the registry for those that depend on each other, and take what it has there.
 */
export function install(packages: readonly Packed[], project: string, also: Readonly<Record<string, string>> = {}): void {
  const dependencies = { ...also, ...Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`])) }
  const overrides = Object.fromEntries(packages.map(({ manifest }) => [manifest.name, `$${manifest.name}`]))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies, overrides }))
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  // Where no registry can be reached and the cache is cold, fail within seconds.
  const patience = ['--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000']
  run(project, 'npm', ['install', '--ignore-scripts', ...patience, ...quiet], { env: npmSettings() })
}

/** The home of a test is empty, but npm's cache and the way to its registry are the machine's: as npm told us, else where they lie. */
function npmSettings(): Record<string, string> {
  const home = userInfo().homedir
  return {
    npm_config_cache: process.env['npm_config_cache'] ?? join(home, '.npm'),
    npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(home, '.npmrc'),
  }
}

/** Returns the packages of an npm project that ask for a script at their installation. */
export function findInstallScripts(project: string): readonly string[] {
  const lock = z.object({ packages: z.record(z.string(), z.looseObject({ hasInstallScript: z.boolean().optional() })) })
  const { packages } = lock.parse(JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')))
  return Object.entries(packages).flatMap(([path, { hasInstallScript }]) => (hasInstallScript === true ? [path] : []))
}

function parseManifest(text: string): Manifest {
  return manifestSchema.parse(JSON.parse(text))
}
