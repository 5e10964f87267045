import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path/posix'
import { parseSync } from 'oxc-parser'
import { MAX_LINES, testImports, type PackageRules } from './import-table.ts'

/** One source file: its path from the package's folder, such as `src/gate.ts`, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

interface Syntax {
  /** Every module named by an import, a re-export, `import()`, `import type` or `require()`. */
  readonly imports: readonly string[]
  readonly problems: readonly string[]
}

/** Returns every sentence that says how a file breaks the house rules; empty means it keeps them. */
export function findProblems(file: SourceFile, rules: PackageRules): readonly string[] {
  const where = `${rules.folder}/${file.path}`
  const syntax = readSyntax(file)
  const problems = [
    ...syntax.problems,
    ...syntax.imports.flatMap((name) => judgeImport(file, name, rules)),
    ...judgeText(file),
  ]
  return problems.map((problem) => `${where}: ${problem}`)
}

/** Returns the package an import names: `zod/v4` is `zod`, `@hono/zod-openapi/x` is `@hono/zod-openapi`. */
export function packageOf(name: string): string {
  return name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')
}

/** Says whether a path is that of a test. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$/.test(path)
}

function judgeImport(file: SourceFile, name: string, rules: PackageRules): readonly string[] {
  if (name.startsWith('.')) return judgeRelative(file, name)
  const { allowed, node } = rulesFor(file, rules)
  if (name.startsWith('node:')) return node ? [] : [`imports ${name}; no module of Node may be imported here`]
  if (isBuiltin(name)) return [`imports ${name}; write node:${name} if it is allowed here`]
  return allowed.includes(packageOf(name)) ? [] : [`imports ${name}; allowed are ${allowed.join(', ') || 'no packages'}`]
}

function judgeRelative(file: SourceFile, name: string): readonly string[] {
  const target = relative('.', join(dirname(file.path), name))
  if (target.startsWith('..')) return [`imports ${name}, which lies outside its package`]
  if (!/\.(tsx?|json|css|worker\.ts\?worker&url)$/.test(name)) return [`imports ${name} without its extension`]
  if (isTest(target) && !isTest(file.path)) return [`imports the test ${name}`]
  return []
}

function rulesFor(file: SourceFile, rules: PackageRules): { readonly allowed: readonly string[]; readonly node: boolean } {
  const inSrc = relative('src', file.path)
  const exception = rules.exceptions?.find(({ files }) =>
    files.some((entry) => (entry.endsWith('/') ? inSrc.startsWith(entry) : inSrc === entry || inSrc === entry.replace(/\.ts$/, '.test.ts'))),
  )
  const { allowed, node } = exception ?? rules
  return isTest(file.path) ? { allowed: [...allowed, ...testImports, ...(rules.tests ?? [])], node: true } : { allowed, node }
}

function judgeText({ path, text }: SourceFile): readonly string[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  const words = new Set(text.match(/\b(?:TODO|FIXME)\b/g))
  return [
    ...(lines > MAX_LINES && !isTest(path) ? [`has ${lines} lines; split it, the limit is ${MAX_LINES}`] : []),
    ...[...words].map((word) => `contains the word ${word}`),
  ]
}

function readSyntax({ path, text }: SourceFile): Syntax {
  const { program, errors } = parseSync(path, text)
  const imports: string[] = []
  const problems = errors.map((error) => `cannot be parsed: ${error.message}`)
  visit(program, (node) => {
    const name = importedName(node)
    if (name !== undefined) imports.push(name)
    if (node['type'] === 'ImportExpression' && name === undefined) problems.push('has an import() whose module is not a plain string')
    if (node['type'] === 'ExportAllDeclaration') problems.push('has an `export *`; list the names')
    if (node['type'] === 'ExportDefaultDeclaration' && /(^|\/)index\.ts$/.test(path)) problems.push('has a default export')
  })
  return { imports, problems }
}

type Node = Readonly<Record<string, unknown>>

/** Returns the module a syntax node names, or `undefined` when it names none. */
function importedName(node: Node): string | undefined {
  switch (node['type']) {
    case 'ImportDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return literalOf(node['source'])
    case 'TSExternalModuleReference':
      return literalOf(node['expression'])
    case 'CallExpression':
      return isNode(node['callee']) && node['callee']['name'] === 'require' ? literalOf(firstOf(node['arguments'])) : undefined
    default:
      return undefined
  }
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}

function literalOf(value: unknown): string | undefined {
  return isNode(value) && value['type'] === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined
}

function visit(value: unknown, look: (node: Node) => void): void {
  if (Array.isArray(value)) value.forEach((item) => visit(item, look))
  else if (isNode(value)) {
    if (typeof value['type'] === 'string') look(value)
    Object.values(value).forEach((child) => visit(child, look))
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
