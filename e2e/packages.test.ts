import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { createRepo, createTempDir, git, removeTempDirs, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { findInstallScripts, install, pack, readPublished, root, type Packed } from './harness/published.ts'
import { asTyped, findPromises, readExamples, type Example } from './harness/readme.ts'

/** What may be in a package, besides what its build made. */
const besides = ['LICENSE', 'README.md', 'bin/signalbox.mjs', 'dist/LICENCES.txt', 'package.json']

/**
 * Bundled on purpose: dugite because its install script downloads a git, which nobody who installs this should have to
 * allow, and all but the database into the command line because a short command spends its time on finding modules.
 */
const bundledIn: Readonly<Record<string, RegExp>> = {
  git: /\/node_modules\/dugite\/(build|lib)\/|\/node_modules\/tsup\/assets\//,
  cli: /(\/packages\/[a-z]+|^..\/..\/api)\/src\/|^..\/..\/web\/dist\/index\.js$|\/node_modules\/(?!better-sqlite3)/,
}

const published = readPublished()
const names = published.map(({ name }) => name)
const project = createTempDir('installed')
const packed = new Map<string, Packed>()

beforeAll(() => {
  const tarballs = createTempDir('tarballs')
  for (const one of published) packed.set(one.name, pack(one, tarballs))
  // What a README asks its reader to install for its example.
  install([...packed.values()], project, { '@modelcontextprotocol/client': '^2.4.0' })
})

afterAll(removeTempDirs)

function packedOf(name: string): Packed {
  const found = packed.get(name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}

it('publishes every package that is not for tests only', () => {
  expect(names).toEqual(['agents', 'core', 'git', 'mcp', 'memory', 'orchestrator', 'programs', 'sandbox', 'secrets', 'api', 'cli', 'web'])
})

describe.each(names)('the package %s', (name) => {
  it('holds what runs, its types, its licence and its README, and nothing else', () => {
    const others = packedOf(name).files.filter((file) => !besides.includes(file) && !/^dist\/([\w-]+\.js(\.map)?|[\w/-]+\.d\.ts|client\/(index\.html|assets\/[\w.-]+))$/.test(file))
    expect(others).toEqual([])
    expect(packedOf(name).files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
  })

  // Pages are built without maps, for nobody debugs them where they are served.
  it('depends on what a registry has and runs nothing when it is installed', () => {
    const { manifest, read } = packedOf(name)
    expect(read('package.json')).not.toMatch(/workspace:|catalog:|link:|file:/)
    const ours = published.flatMap((one) => (one.manifest.name in manifest.dependencies ? [one.manifest] : []))
    expect(manifest.dependencies).toMatchObject(Object.fromEntries(ours.map((one) => [one.name, `^${one.version}`])))
    expect(Object.keys(manifest.scripts).filter((script) => /install|prepare|prepublish/.test(script))).toEqual([])
  })

  it('has a README of at most 60 lines', () => {
    expect(packedOf(name).read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(60)
  })
})

// The pages come without maps: nobody debugs them in production.
it.each(names.filter((name) => name !== 'web'))('the package %s was built from its own sources', (name) => {
  const maps = packedOf(name).files.filter((file) => file.endsWith('.js.map'))
  const sources = maps.flatMap((file) => z.object({ sources: z.array(z.string()) }).parse(JSON.parse(packedOf(name).read(file))).sources)
  expect(sources).not.toEqual([])
  const foreign = sources.filter((source) => !/^\.\.\/(src\/[\w/-]+\.ts|package\.json)$/.test(source))
  expect(foreign.filter((source) => bundledIn[name]?.test(source) !== true)).toEqual([])
})

it('says whose work is bundled', () => {
  expect(packedOf('git').read('LICENSE')).toMatch(/dugite[^]*Copyright \(c\) 2016 GitHub and contributors/)
  const { files, read } = packedOf('cli')
  const bundled = files.filter((file) => file.endsWith('.js.map')).flatMap((file) => [...read(file).matchAll(/\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\/(?!node_modules)/g)].map(([, found]) => found ?? ''))
  const named = new Set(read('dist/LICENCES.txt').match(/^\S+ \d+\.\d+\.\d+.*$/gm)?.map((line) => line.split(' ')[0]))
  // What git's build brought along is said by the licence of git, which is among them; the preset's holds for the rules in it, and that of a protocol's server for its inner parts.
  expect([...new Set(bundled)].filter((found) => !['.pnpm', 'node_modules', 'dugite', 'tsup', '@modelcontextprotocol/core-internal'].includes(found) && !found.startsWith('@secretlint/secretlint-rule-') && !named.has(found))).toEqual([])
  expect([...named]).toEqual(expect.arrayContaining(['zod', '@signalbox/git', '@secretlint/secretlint-rule-preset-recommend']))
  expect(read('dist/LICENCES.txt')).toContain('GitHub and contributors')
})

it('needs no install script anywhere below', () => {
  expect(findInstallScripts(project)).toEqual([])
})

describe('the examples of the READMEs', () => {
  const scripts = published.flatMap(({ name, folder }) => examplesOf(name, folder, 'js'))

  it.each(scripts)('$name $number runs and prints what it promises', ({ name, number, example }) => {
    const folder = join(project, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${number}.js`), example.text)
    const printed = run(folder, process.execPath, [`${number}.js`], { env: { TMPDIR: folder } }).split('\n')
    expect(printed).toEqual(expect.arrayContaining([...findPromises(example)]))
  })

  it('hold a promise in each package that is used by import', () => {
    const kept = new Set(scripts.filter(({ example }) => findPromises(example).length > 0).map(({ name }) => name))
    // What a sandbox does depends on the machine: its README shows it, and its own tests hold it.
    expect(names.filter((name) => !kept.has(name))).toEqual(['sandbox', 'cli'])
  })

  it('find their types in the packages', () => {
    const folder = join(project, 'types')
    mkdirSync(folder)
    const typed = published.flatMap(({ name, folder: from }) => examplesOf(name, from, 'ts'))
    for (const { name, number, example } of typed) writeFileSync(join(folder, `${name}-${number}.ts`), example.text)
    const imports = names.filter((name) => name !== 'cli').map((name) => `export * as ${name} from '@signalbox/${name}'\n`)
    writeFileSync(join(folder, 'all.ts'), imports.join(''))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: consumerOptions, include: ['*.ts'] }))
    expect(run(folder, join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false', '-p', '.'], { okExits: [0, 1, 2] })).toBe('')
  })
})

/** Somebody else's strict project; types of Node as any project has them. */
const consumerOptions = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  typeRoots: [join(root, 'node_modules/@types')],
  types: ['node'],
}

interface Numbered {
  readonly name: string
  readonly number: number
  readonly example: Example
}

function examplesOf(name: string, folder: string, language: string): readonly Numbered[] {
  return readExamples(join(folder, 'README.md'))
    .map((example, index) => ({ name, number: index + 1, example }))
    .filter(({ example }) => example.language === language)
}

describe('the command line as npm installs it', () => {
  const bins = join(project, 'node_modules/.bin')

  it('is found by npx and says its version', () => {
    const { version } = packedOf('cli').manifest
    expect(run(project, 'npx', ['signalbox', '--version'])).toBe(`${version}\n`)
    // What was compiled is kept beside the code, for the next call.
    expect(readdirSync(join(project, 'node_modules/@signalbox/cli/dist/compiled'))).toEqual([expect.stringContaining(process.version)])
  })

  it.each([
    ['its own README', join(root, 'apps/cli/README.md')],
    ['the README of the repository', join(root, 'README.md')],
  ])('does what %s says, typed line by line', (_name, readme) => {
    const { home, env } = createHuman()
    const script = readExamples(readme).find(({ language, text }) => language === 'sh' && text.includes('--approve'))
    if (script === undefined) throw new Error(`${readme} shows no landing`)
    const typed = asTyped({ ...script, text: script.text.replace(/^npm install .*$/m, '') })
    const told = run(bins, 'sh', ['-c', `exec 2>&1\n${typed}`], { env })
    expect(told.split('\n').filter((line) => line.startsWith('exit '))).toEqual(['exit 4: signalbox gate R0001'])
    expect(git(join(home, 'src/api'), 'show', 'main:src/price.js')).toContain('Math.round')
    expect(git(join(home, 'src/api'), 'log', '-1', '--format=%(trailers:key=Signalbox-Run)')).toContain('R0001')
  })

  it('plays its demo', () => {
    const { env } = createHuman()
    const played = run(project, 'npx', ['signalbox', 'demo', '--json'], { env })
    expect(JSON.parse(played)).toMatchObject({ outcome: 'completed', landed: { state: 'merged' }, humanEditKept: true })
  })

  /** Somebody with two repositories in `~/src`, whose agent of choice rounds prices. */
  function createHuman(): { readonly home: string; readonly env: Readonly<Record<string, string>> } {
    const home = createTempDir('human')
    const tools = join(home, 'bin')
    mkdirSync(tools)
    writeFileSync(join(tools, 'your-agent'), `#!/bin/sh\ntest -s "$1" && for file in */src/price.js; do sed 's/floor/round/' "$file" > new && cat new > "$file" && rm new; done\n`)
    chmodSync(join(tools, 'your-agent'), 0o755)
    for (const name of ['api', 'web']) createRepo(shop, { path: join(home, 'src', name) })
    const path = [bins, tools, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
    return { home, env: { HOME: home, TMPDIR: home, PATH: path, SIGNALBOX_STATE: join(home, 'state') } }
  }
})

const shop = {
  'package.json': '{ "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/price.js': 'export const price = (amount) => Math.floor(amount)\n',
  'src/price.test.js': "import assert from 'node:assert'\nimport test from 'node:test'\nimport { price } from './price.js'\n\ntest('prices', () => assert.equal(price(2), 2))\n",
}
