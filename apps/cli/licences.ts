import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The part of an esbuild plugin that is used here. */
interface Plugin {
  readonly name: string
  readonly setup: (build: {
    readonly initialOptions: { metafile?: boolean; absWorkingDir?: string }
    readonly onEnd: (callback: (result: { readonly metafile?: { readonly inputs: Readonly<Record<string, unknown>> } }) => void) => void
  }) => void
}

/** Returns a plugin that writes the licence of every package in the bundle to one file, as those licences ask. */
export function collectLicences(file: string): Plugin {
  return {
    name: 'licences',
    setup: ({ initialOptions, onEnd }) => {
      initialOptions.metafile = true
      onEnd(({ metafile }) => {
        const root = initialOptions.absWorkingDir ?? process.cwd()
        const folders = new Set(Object.keys(metafile?.inputs ?? {}).flatMap((input) => folderOfPackage(resolve(root, input)) ?? []))
        const texts = [...folders].map(readLicence).toSorted()
        mkdirSync(dirname(resolve(root, file)), { recursive: true })
        writeFileSync(resolve(root, file), [...new Set(texts)].join(`\n${'-'.repeat(80)}\n\n`))
      })
    },
  }
}

/** Returns the folder of the package a file belongs to: an installed one, or one of ours, which may bundle others itself. */
function folderOfPackage(file: string): string | undefined {
  return (/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? /^.*\/(?:packages|apps)\/[^/]+(?=\/dist\/)/.exec(file))?.[0]
}

/** Returns a package's name, version and licence: the file it brings, else what its manifest says. */
function readLicence(folder: string): string {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined && typeof license !== 'string') throw new Error(`${folder} is bundled and names no licence`)
  const said = `${license} licence, ${author?.name ?? author ?? repository?.url ?? name}\n`
  return `${name} ${version}\n\n${file === undefined ? said : readFileSync(join(folder, file), 'utf8')}`
}
