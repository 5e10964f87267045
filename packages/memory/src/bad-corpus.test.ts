import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '@signalbox/core'
import { createTempDir, removeTempDirs, writeFiles, type FileContent } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { taskText } from '../test/git-memory.ts'
import type { MemoryStore } from './memory.ts'
import { openMemory } from './memory-store.ts'

afterAll(removeTempDirs)

const valid = (id: string) => taskText(id)
const withYaml = (id: string, yaml: string) => `---\nid: ${id}\ntitle: A\nstatus: ready\n${yaml}\n---\nProse.\n`

/** What is wrong, the bytes, and the line (null: the whole file) and words by which it is listed. */
type Bad = readonly [what: string, content: (id: string) => FileContent, line: number | null, reason: RegExp]

const corpus: readonly Bad[] = [
  ['an empty file', () => '', 1, /no front matter/],
  ['prose only', () => 'Just prose.\n', 1, /no front matter/],
  ['a blank line before the fence', (id) => `\n${valid(id)}`, 1, /no front matter/],
  ['an unclosed fence', (id) => `---\nid: ${id}\ntitle: A\nstatus: ready\n`, 1, /not closed/],
  ['script front matter', () => '---js\nprocess.exit(1)\n---\n', 1, /no front matter/],
  ['bare carriage returns everywhere', (id) => valid(id).replaceAll('\n', '\r'), 1, /carriage return/],
  ['a bare carriage return in the front matter', (id) => withYaml(id, 'labels: [a]\rpriority: 1'), 5, /carriage return/],
  ['UTF-16', (id) => Buffer.from(`\uFEFF${valid(id)}`, 'utf16le'), 1, /NUL/],
  ['a NUL byte in the body', (id) => `${valid(id)}a\0b\n`, 7, /NUL/],
  ['Latin-1', (id) => Buffer.concat([Buffer.from(valid(id)), Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65])]), 7, /UTF-8/],
  ['a cut-off UTF-8 sequence', (id) => Buffer.concat([Buffer.from(valid(id)), Buffer.from([0xe2, 0x82])]), 7, /UTF-8/],
  ['more than 1 MiB', (id) => valid(id) + 'x'.repeat(1024 * 1024), null, /larger than 1 MiB/],
  ['conflict markers in the front matter', (id) => withYaml(id, '<<<<<<< HEAD\npriority: 1\n=======\npriority: 2\n>>>>>>> theirs'), 5, /merge conflict/],
  ['conflict markers in the body', (id) => `${valid(id)}<<<<<<< HEAD\na\n=======\nb\n>>>>>>> theirs\n`, 7, /merge conflict/],
  ['conflict markers around the whole file', (id) => `<<<<<<< HEAD\n${valid(id)}=======\n${valid(id)}>>>>>>> theirs\n`, 1, /merge conflict/],
  ['a tab for indent', (id) => withYaml(id, 'scope:\n\tapi: [a]'), 6, /[Tt]ab/],
  ['a key twice', (id) => withYaml(id, 'title: B'), 5, /twice/],
  ['a nested key twice', (id) => withYaml(id, 'base_branch:\n  api: a\n  api: b'), 7, /twice/],
  ['a colon in plain text', (id) => withYaml(id, 'labels: a: b'), 5, /YAML/],
  ['an unclosed quote', (id) => withYaml(id, 'labels: ["a]'), 6, /YAML/],
  ['an unclosed bracket', (id) => withYaml(id, 'labels: [a'), 6, /YAML/],
  ['a stray bracket', (id) => withYaml(id, 'labels: a]\n]'), 6, /YAML/],
  ['an alias', (id) => withYaml(id, 'labels: &a [x]\nlinks: *a'), 6, /alias/],
  ['an alias bomb', (id) => withYaml(id, ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefghij'.split('').map((name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghij'[at]}`).join(', ')}]`)].join('\n')), 6, /alias/],
  ['a list instead of a map', (id) => `---\n- id: ${id}\n---\n`, 2, /map/],
  ['text instead of a map', () => '---\njust text\n---\n', 2, /map/],
  ['a flow map around everything', (id) => `---\n{id: ${id}, title: A, status: ready}\n---\n`, 2, /one key per line/],
  ['a second document', (id) => withYaml(id, '...\nlabels: [a]'), 5, /second YAML document/],
  ['a key that is a list', (id) => withYaml(id, '? [a, b]\n: c'), 2, /key/],
  ['brackets nested five hundred deep', (id) => withYaml(id, `x: ${'['.repeat(500)}${']'.repeat(500)}`), 2, /deep/],
  ['maps nested a hundred deep', (id) => withYaml(id, Array.from({ length: 100 }, (_, at) => `${' '.repeat(at)}x:`).join('\n')), 30, /deep/],
  ['a front matter of 300 KiB', (id) => withYaml(id, `x: ${'"" '.repeat(100_000)}`), 2, /more than 256 KiB/],
  ['a parser message as long as the file', (id) => withYaml(id, `x: ${'!'.repeat(100_000)}`), 5, /^.{0,210}$/],
  ['nothing between the fences', () => '---\n---\n', 2, /id is missing/],
  ['no id', () => '---\ntitle: A\nstatus: ready\n---\n', 2, /id is missing/],
  ['no title', (id) => `---\nid: ${id}\nstatus: ready\n---\n`, 2, /title is missing/],
  ['an empty title', (id) => `---\nid: ${id}\ntitle:\nstatus: ready\n---\n`, 3, /title is missing/],
  ['no status', (id) => `---\nid: ${id}\ntitle: A\n---\n`, 2, /status is missing/],
  ['a status that is none', (id) => `---\nid: ${id}\ntitle: A\nstatus: reday\n---\n`, 4, /status: .*ready/],
  ['an id of another kind', () => '---\nid: N0001\ntitle: A\nstatus: ready\n---\n', 2, /id: .*T0147/],
  ['a lower-case id', (id) => valid(id.toLowerCase()), 2, /id: /],
  ['an id of full-width digits', () => valid('T０００１'), 2, /id: /],
  ['a list for a title', (id) => `---\nid: ${id}\ntitle: [a]\nstatus: ready\n---\n`, 3, /title: /],
  ['text for a list', (id) => withYaml(id, 'repos: api'), 5, /repos: /],
  ['a repo name that is none', (id) => withYaml(id, 'repos: [api, Web UI]'), 5, /repos\[1\]: .*repo name/],
  ['a branch name that is none', (id) => withYaml(id, 'base_branch: a..b'), 5, /base_branch: .*branch/],
  ['a priority out of range', (id) => withYaml(id, 'priority: 9'), 5, /priority: /],
  ['text for a priority', (id) => withYaml(id, 'priority: high'), 5, /priority: /],
  ['a half number for a priority', (id) => withYaml(id, 'priority: 1.5'), 5, /priority: /],
  ['an effort that is none', (id) => withYaml(id, 'effort: soon'), 5, /effort: /],
  ['a dependency that is none', (id) => withYaml(id, 'depends_on:\n  - T0001\n  - T1'), 7, /depends_on\[1\]: /],
  ['a scope of plain text', (id) => withYaml(id, 'scope: src'), 5, /scope: /],
  ['a key in camelCase', (id) => withYaml(id, 'baseBranch: main'), 5, /base_branch/],
  ['a link to another place', () => ({ link: '/etc/hostname' }), null, /symbolic link/],
  ['a dangling link', () => ({ link: 'nowhere' }), null, /symbolic link/],
  ['another id than its name', () => valid('T9999'), null, /holds T9999/],
]

const paths = corpus.map((_, at) => `tasks/T${String(at + 1001)}-bad.md`)
let dir: string
let store: MemoryStore

beforeAll(async () => {
  const folder = createTempDir('corpus')
  dir = join(folder, 'memory')
  const bad = Object.fromEntries(corpus.map(([, content], at) => [paths[at] ?? '', content(`T${at + 1001}`)]))
  const twins = { 'tasks/T0002-a.md': valid('T0002'), 'tasks/T0002-b.md': valid('T0002'), 'tasks/T0003-a.md': valid('T0003'), 'tasks/t0003-b.md': valid('T0003'), 'tasks/T0004-a.md': valid('T0004'), 'tasks/Ｔ０００４-b.md': valid('T0004'), 'tasks/T0005-a.md': valid('T0005'), 'tasks/copy.md': valid('T0005') }
  writeFiles(dir, { 'signalbox.yaml': 'format: 1\n', 'tasks/T0001-good.md': valid('T0001'), 'tasks/T9000-last.md': valid('T9000'), 'tasks/T8000-folder.md/x': 'x', 'tasks/notes.txt': 'not a record', 'tasks/.T0001.md.swp': 'editor', ...bad, ...twins })
  execFileSync('mkfifo', [join(dir, 'tasks/T8001-pipe.md')])
  store = await openMemory(dir, { state: join(folder, 'state') })
})

function bytes(): string {
  const hash = createHash('sha256')
  for (const path of [...paths, 'tasks/T0001-good.md']) {
    try {
      hash.update(readFileSync(join(dir, path)))
    } catch (error) {
      hash.update(String(error))
    }
  }
  return hash.update(readdirSync(join(dir, 'tasks')).join('\n')).digest('hex')
}

test.each(corpus.map(([what, , line, reason], at) => ({ what, line, reason, path: paths[at] ?? '' })))('$what is listed with line and reason', async ({ path, line, reason }) => {
  const { quarantined } = await store.list('task')
  expect(quarantined.find((file) => file.path === path)).toEqual({ path, line, reason: expect.stringMatching(reason) })
})

test('everything else is listed, and nothing twice', async () => {
  const { records, quarantined } = await store.list('task')
  expect(records.map(({ id }) => id)).toEqual(['T0001', 'T9000'])
  const listed = [...records, ...quarantined].map(({ path }) => path)
  expect(new Set(listed).size).toBe(listed.length)
  expect(listed.length).toBe(corpus.length + 2 + 8 + 2)
})

test.each([
  ['the same id', 'tasks/T0002-a.md', 'tasks/T0002-b.md'],
  ['twins in case', 'tasks/T0003-a.md', 'tasks/t0003-b.md'],
  ['twins in Unicode', 'tasks/T0004-a.md', 'tasks/Ｔ０００４-b.md'],
  ['the same id under another name', 'tasks/T0005-a.md', 'tasks/copy.md'],
])('of %s both files are listed, each naming the other', async (_, one, other) => {
  const { quarantined } = await store.list('task')
  expect(quarantined.find(({ path }) => path === one)?.reason).toContain(other)
  expect(quarantined.find(({ path }) => path === other)?.reason).toContain(one)
})

test('a quarantined record is refused by name, for reading and for editing, and no byte changes', async () => {
  const before = bytes()
  for (const [at, path] of paths.entries()) {
    const id = `T${at + 1001}`
    await expect(store.read('task', id), path).rejects.toSatisfy((error) => hasCode(error, 'record.quarantined'))
    await expect(store.edit('task', id, { status: 'done' }), path).rejects.toSatisfy((error) => hasCode(error, 'record.quarantined'))
  }
  await expect(store.read('task', 'T0002')).rejects.toThrow('T0002-b.md')
  expect(bytes()).toBe(before)
})
