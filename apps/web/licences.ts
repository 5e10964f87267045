import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

/** Collects the packages that end up in the pages and their workers, for what their licences ask. */
export interface Licences {
  /** Notes every package of one build; workers are builds of their own. */
  readonly note: () => Plugin
  /** Writes what was noted, once the pages are built. */
  readonly write: (file: string) => Plugin
}

/** Returns a fresh collection. */
export function collectLicences(): Licences {
  const folders = new Set<string>()
  return {
    note: () => ({
      name: 'note-licences',
      generateBundle(_, bundle) {
        const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []))
        for (const folder of modules.flatMap((id) => folderOfPackage(id) ?? [])) folders.add(folder)
      },
    }),
    write: (file) => ({
      name: 'write-licences',
      closeBundle() {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, [...new Set([...folders].map(readLicence))].toSorted().join(`\n${'-'.repeat(80)}\n\n`))
      },
    }),
  }
}

/** Returns the folder of the installed package a module belongs to; undefined for our own and the bundler's. */
function folderOfPackage(id: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id.replaceAll('\0', ''))?.[0]
}

/** Returns a package's name, version and licence: the file it brings, else what its manifest says. */
function readLicence(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined && typeof license !== 'string') throw new Error(`${folder} is built into the pages and names no licence`)
  return `${name} ${version}\n\n${file === undefined ? `${license} licence\n` : readFileSync(join(folder, file), 'utf8')}`
}
