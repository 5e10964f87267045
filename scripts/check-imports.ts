// Fails when a source file breaks the import table or another rule of the house. See import-table.ts for the rules.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { importTable, type PackageRules } from './import-table.ts'
import { findProblems, type SourceFile } from './source-rules.ts'

const root = join(import.meta.dirname, '..')

function readSources(folder: string): readonly SourceFile[] {
  const src = join(root, folder, 'src')
  if (!existsSync(src)) return []
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .toSorted()
    .map((name) => ({ path: `src/${name}`, text: readFileSync(join(src, name), 'utf8') }))
}

/** Returns what the package's own list of dependencies gets wrong: an allowed import it lacks would be bundled silently. */
function findManifestProblems(rules: PackageRules): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(root, rules.folder, 'package.json'), 'utf8'))
  const declared = namesIn(manifest, 'dependencies')
  const bundled = rules.bundled ?? []
  const allowed = new Set([...rules.allowed, ...(rules.exceptions ?? []).flatMap((exception) => exception.allowed)])
  return [
    ...[...allowed].filter((name) => !declared.includes(name) && !bundled.includes(name)).map((name) => `${name} is not among its dependencies`),
    ...declared.filter((name) => !allowed.has(name) && rules.unbundled?.includes(name) !== true).map((name) => `depends on ${name}, which nothing in it may import`),
    ...declared.filter((name) => bundled.includes(name)).map((name) => `${name} is bundled and must be a devDependency`),
  ].map((problem) => `${rules.folder}/package.json: ${problem}`)
}

function namesIn(manifest: unknown, key: string): readonly string[] {
  const value = typeof manifest === 'object' && manifest !== null ? Object.entries(manifest).find(([name]) => name === key)?.[1] : undefined
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function findUnlisted(): readonly string[] {
  const known = new Set(importTable.map((rules) => rules.folder))
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && !known.has(folder))
    .map((folder) => `${folder}: is missing in scripts/import-table.ts`)
}

const sources = importTable.map((rules) => ({ rules, files: readSources(rules.folder) }))
const problems = [
  ...findUnlisted(),
  ...sources.flatMap(({ rules, files }) => [...findManifestProblems(rules), ...files.flatMap((file) => findProblems(file, rules))]),
]
const count = sources.reduce((sum, { files }) => sum + files.length, 0)
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
} else if (count === 0) {
  console.error('No source file was found; a check that looks at nothing proves nothing.')
  process.exitCode = 1
} else {
  console.log(`Import rules hold in ${count} files.`)
}
