// Answers in a few milliseconds whether the built command line still matches its sources. Node 16 syntax, no dependencies.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files at the root that decide what is installed or built. */
const rootFiles = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'turbo.json', 'tsconfig.base.json', 'tsup.base.ts']

/** Folders that hold the packages the command line is made of. */
const packageFolders = ['packages', 'apps']

const stampFile = (root) => join(root, '.toolchain', 'cli.stamp')

/** Returns a digest of name, size and time of every file the built command line depends on. Reads no content. */
export function readStamp(root) {
  const hash = createHash('sha256')
  const add = (file) => {
    const stat = statSync(join(root, file))
    hash.update(`${file}\0${stat.size}\0${stat.mtimeMs}\n`)
  }
  rootFiles.forEach(add)
  for (const folder of listPackages(root)) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      if (/^(package|tsconfig.*)\.json$|^tsup\.config\.ts$/.test(name)) add(join(folder, name))
    }
    listSources(root, join(folder, 'src')).forEach(add)
  }
  return hash.digest('hex')
}

/** Says whether the last build was made from the sources as they are now and its results are still there. */
export function matchesStamp(root) {
  if (!existsSync(stampFile(root)) || !existsSync(join(root, 'node_modules/.modules.yaml'))) return false
  if (!listPackages(root).every((folder) => isBuilt(root, folder))) return false
  return readFileSync(stampFile(root), 'utf8') === readStamp(root)
}

/** Notes from which sources the command line was built. Take the stamp before the build, or an edit during it is missed. */
export function writeStamp(root, stamp) {
  const draft = `${stampFile(root)}.${process.pid}`
  mkdirSync(dirname(draft), { recursive: true })
  writeFileSync(draft, stamp)
  renameSync(draft, stampFile(root))
}

function listPackages(root) {
  return packageFolders
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && folder !== join('packages', 'testkit'))
    .sort((a, b) => (a < b ? -1 : 1))
}

function isBuilt(root, folder) {
  const built = folder === join('apps', 'cli') ? 'dist/main.js' : 'dist/index.js'
  return existsSync(join(root, folder, built)) && existsSync(join(root, folder, 'node_modules'))
}

function listSources(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return listSources(root, path)
      return /\.test(-d)?\.ts$/.test(entry.name) ? [] : [path]
    })
}
