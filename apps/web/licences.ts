import type { Plugin } from 'vite'
import { folderOfPackage, writeLicences } from '../../scripts/licences.ts'

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
        for (const folder of modules.flatMap((id) => folderOfPackage(id.replaceAll('\0', '')) ?? [])) folders.add(folder)
      },
    }),
    write: (file) => ({ name: 'write-licences', closeBundle: () => writeLicences(file, folders) }),
  }
}
