import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, repoConfigSchema, repoNameSchema } from '@signalbox/core'
import { removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createGitMemory } from '../test/git-memory.ts'

afterAll(removeTempDirs)

const api = repoNameSchema.parse('api')
const web = repoNameSchema.parse('web')
const main = branchNameSchema.parse('main')

async function edited(text: string, edit: (store: Awaited<ReturnType<typeof createGitMemory>>['store']) => Promise<void>): Promise<string> {
  const { dir, store } = await createGitMemory({ 'signalbox.yaml': text })
  await edit(store)
  return readFileSync(join(dir, 'signalbox.yaml'), 'utf8')
}

const full = `# Settings
format: 1
repos:
  # the server
  api:
    base_branch: main # stable
    setup:
      - npm ci # clean
    checks:
      test: npm test
    owner: me
  web: {base_branch: 1.10}
policy: {untracked: colliding} # why
`

test('settings are read by the schema, text as text', async () => {
  const { store } = await createGitMemory({ 'signalbox.yaml': full })
  expect(await store.readConfig()).toEqual({
    format: 1,
    repos: { api: { baseBranch: 'main', setup: ['npm ci'], files: [], checks: { test: 'npm test' } }, web: { baseBranch: '1.10', setup: [], files: [], checks: {} } },
    agents: {},
    homes: { otherwise: 'auto', agents: {} },
    policy: { untracked: 'colliding' },
    limits: { minutes: 60, checkMinutes: 15 },
    checkpoints: { take: 'auto', restSeconds: 5, busySeconds: 120, secondsBetween: 30, keep: 20 },
    sandbox: { network: 'allow', write: [] },
    permissions: { rules: [], otherwise: 'ask' },
    quota: { retries: 3, waitMinutes: 5, longestMinutes: 360 },
    memory: { commit: 'each' },
  })
})

test('what agents may do is read rule by rule, and a rule with a key it does not have is refused', async () => {
  const { store } = await createGitMemory({ 'signalbox.yaml': 'format: 1\npermissions:\n  otherwise: deny\n  rules:\n    - {decision: allow, command: npm test*}\n    - {decision: ask, kind: edit, path: ["*/.github/**"]}\nquota: {retries: 0, wait_minutes: 1}\n' })
  expect(await store.readConfig()).toMatchObject({ permissions: { otherwise: 'deny', rules: [{ decision: 'allow', command: 'npm test*' }, { decision: 'ask', kind: 'edit', path: ['*/.github/**'] }] }, quota: { retries: 0, waitMinutes: 1, longestMinutes: 360 } })
  const { store: other } = await createGitMemory({ 'signalbox.yaml': 'format: 1\npermissions:\n  rules:\n    - {decision: allow, commands: npm test}\n' })
  await expect(other.readConfig()).rejects.toHaveProperty('code', 'config.invalid')
})

test('when checkpoints are taken is read, what is not said is as usual, and nonsense is refused with its line', async () => {
  const { store } = await createGitMemory({ 'signalbox.yaml': 'format: 1\ncheckpoints: {take: never, rest_seconds: 0.5, keep: 3}\n' })
  expect((await store.readConfig()).checkpoints).toEqual({ take: 'never', restSeconds: 0.5, busySeconds: 120, secondsBetween: 30, keep: 3 })
  const { store: other } = await createGitMemory({ 'signalbox.yaml': 'format: 1\ncheckpoints:\n  keep: 1\n' })
  await expect(other.readConfig()).rejects.toHaveProperty('code', 'config.invalid')
})

test('whose home an agent has is said by name, and a word that is none of those is refused', async () => {
  const { store } = await createGitMemory({ 'signalbox.yaml': 'format: 1\nhomes:\n  otherwise: own\n  agents: {claude: shared, my-agent: auto}\n' })
  expect((await store.readConfig()).homes).toEqual({ otherwise: 'own', agents: { claude: 'shared', 'my-agent': 'auto' } })
  for (const homes of ['{claude: own}', '{otherwise: isolated}', '{agents: {claude: mine}}']) {
    const { store: other } = await createGitMemory({ 'signalbox.yaml': `format: 1\nhomes: ${homes}\n` })
    await expect(other.readConfig()).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining('homes') })
  }
})

test('agents of the human are commands word by word, and their variables keep their names', async () => {
  const { store } = await createGitMemory({ 'signalbox.yaml': 'format: 1\nagents:\n  mine:\n    command: [my-agent, --level, 2, "{packet}"]\n    env: {MY_LEVEL: 010, A_B: no}\n' })
  expect((await store.readConfig()).agents).toEqual({ mine: { command: ['my-agent', '--level', '2', '{packet}'], env: { MY_LEVEL: '010', A_B: 'no' }, prompt: 'file', speaks: 'text' } })
  const { store: other } = await createGitMemory({ 'signalbox.yaml': 'format: 1\nagents:\n  mine: {command: sh -c run}\n' })
  await expect(other.readConfig()).rejects.toHaveProperty('code', 'config.invalid')
})

test('the first repo is added in block style', async () => {
  expect(await edited('# S\nformat: 1\n', (store) => store.writeRepoConfig(api, { baseBranch: main, setup: ['npm ci'], files: [], checks: { test: 'npm test' } }))).toBe('# S\nformat: 1\nrepos:\n  api:\n    base_branch: main\n    setup: [npm ci]\n    checks: {test: npm test}\n')
})

test('a change of one repo keeps everything else, unknown keys and comments too', async () => {
  const text = await edited(full, (store) => store.writeRepoConfig(api, { baseBranch: main, setup: ['npm ci', 'npm run build'], files: [], checks: { test: 'npm test', lint: 'npm run lint' } }))
  expect(text).toBe(full.replace('      - npm ci # clean\n', '      - npm ci # clean\n      - npm run build\n').replace('      test: npm test\n', '      test: npm test\n      lint: npm run lint\n'))
})

test('adding and removing a repo leave the others byte for byte', async () => {
  const docs = repoNameSchema.parse('docs')
  const added = full.replace('1.10}\n', '1.10}\n  docs: {base_branch: main}\n')
  expect(await edited(full, (store) => store.writeRepoConfig(docs, repoConfigSchema.parse({ baseBranch: 'main' })))).toBe(added)
  expect(await edited(added, (store) => store.writeRepoConfig(docs, undefined))).toBe(full)
  expect(await edited(full, (store) => store.writeRepoConfig(web, undefined))).toBe(full.replace('  web: {base_branch: 1.10}\n', ''))
})

test('an edit that says nothing new writes nothing', async () => {
  const text = await edited(full, async (store) => {
    const { repos } = await store.readConfig()
    await store.writeRepoConfig(api, repos[api])
    await store.writeRepoConfig(repoNameSchema.parse('unknown'), undefined)
  })
  expect(text).toBe(full)
})

test.each([
  ['a wrong value', 'format: 1\nrepos:\n  api:\n    base_branch: a..b\n', 'line 4'],
  ['a repo name that is none', 'format: 1\nrepos:\n  My API: {base_branch: main}\n', 'line 3'],
  ['a key twice', 'format: 1\nformat: 1\n', 'line 2'],
  ['conflict markers', 'format: 1\n<<<<<<< a\n=======\n>>>>>>> b\n', 'line 2'],
  ['no format', 'repos: {}\n', 'format is missing'],
  ['nothing', '', 'format is missing'],
])('%s is refused with the line', async (_, text, words) => {
  const { store } = await createGitMemory({ 'signalbox.yaml': text })
  await expect(store.readConfig()).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining(words), hint: expect.any(String) })
})

test('a newer format is read where it says what this version understands, else refused as what it is', async () => {
  const { store } = await createGitMemory({ 'signalbox.yaml': `${full.replace('format: 1', 'format: 2')}later: {key: value}\n` })
  expect(await store.readConfig()).toMatchObject({ format: 2, repos: { api: {} } })
  const other = await createGitMemory({ 'signalbox.yaml': 'format: 2\nrepos: [api]\n' })
  await expect(other.store.readConfig()).rejects.toMatchObject({ code: 'format.newer' })
})

test('a state folder of a newer version is refused, one that never heard of versions is not', async () => {
  const { store } = await createGitMemory()
  const file = join(store.state, 'memory.json')
  const place = { path: store.dir, branch: 'main' }
  writeFileSync(file, JSON.stringify(place))
  await store.refuseNewer()
  writeFileSync(file, JSON.stringify({ ...place, format: 2 }))
  await expect(store.refuseNewer()).rejects.toMatchObject({ code: 'format.newer', message: expect.stringContaining(file) })
})
