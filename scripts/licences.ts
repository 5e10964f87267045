// What bundles owe to those whose work is in them: used by the builds of the command line and of the pages.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Returns the folder of the package a bundled file belongs to: an installed one, or a built one of ours, which may bundle others itself. */
export function folderOfPackage(file: string): string | undefined {
  return (/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? /^.*\/(?:packages|apps)\/[^/]+(?=\/dist\/)/.exec(file))?.[0]
}

/** Writes name, version and licence of every package in these folders to one file, as those licences ask. */
export function writeLicences(file: string, folders: Iterable<string>): void {
  const texts = [...folders].flatMap((folder) => [readLicence(folder), ...readBundled(folder)])
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, [...new Set(texts)].toSorted().join(separator))
}

const separator = `\n${'-'.repeat(80)}\n\n`

/** The file a package brings, else what its manifest says. */
function readLicence(folder: string): string {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined && typeof license !== 'string') throw new Error(`${folder} is bundled and names no licence`)
  const said = `${license} licence, ${author?.name ?? author ?? repository?.url ?? name}\n`
  return `${name} ${version}\n\n${file === undefined ? said : readFileSync(join(folder, file), 'utf8')}`
}

/** What a package of ours has bundled already. */
function readBundled(folder: string): readonly string[] {
  const file = join(folder, 'dist/LICENCES.txt')
  return existsSync(file) ? readFileSync(file, 'utf8').split(separator) : []
}
