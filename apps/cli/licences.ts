import { resolve } from 'node:path'
import { folderOfPackage, writeLicences } from '../../scripts/licences.ts'

/** The part of an esbuild plugin that is used here. */
interface Plugin {
  readonly name: string
  readonly setup: (build: {
    readonly initialOptions: { metafile?: boolean; absWorkingDir?: string }
    readonly onEnd: (callback: (result: { readonly metafile?: { readonly inputs: Readonly<Record<string, unknown>> } }) => void) => void
  }) => void
}

/** Returns a plugin that writes the licence of every package in the bundle to one file. */
export function collectLicences(file: string): Plugin {
  return {
    name: 'licences',
    setup: ({ initialOptions, onEnd }) => {
      initialOptions.metafile = true
      onEnd(({ metafile }) => {
        const root = initialOptions.absWorkingDir ?? process.cwd()
        writeLicences(resolve(root, file), new Set(Object.keys(metafile?.inputs ?? {}).flatMap((input) => folderOfPackage(resolve(root, input)) ?? [])))
      })
    },
  }
}
