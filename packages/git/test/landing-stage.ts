import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseBranchName, parseOid, parseRepoName, parseRunId, type LandingJournal, type MergeStrategy, type Oid, type RepoName } from '@signalbox/core'
import { createTarget, git, run, type Files, type Target } from '@signalbox/testkit'
import { expect } from 'vitest'
import type { Side } from '../src/landing-journal.ts'
import { createLandingService } from './landing-service.ts'

/** Enough files for git to be at work for a while, few enough to be copied back quickly. */
const COUNT = 80
const bulk = (word: string): string => `${word}\n`.repeat(4000)
const FILES: Files = {
  'README.md': 'read me\n',
  '.gitignore': '.env\n',
  '.gitattributes': 'src/1*.txt text eol=crlf\nsrc/added/*.txt text eol=crlf\n',
  'turns/into-file': 'folder\n',
  becomes: 'file\n',
  tool: { executable: '#!/bin/sh\n' },
  link: { link: '.gitignore' },
  ...Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`src/${index}.txt`, bulk(`old ${index}`)])),
}
const CHANGE: Files = {
  'turns/into-file': null,
  turns: 'a file now\n',
  becomes: null,
  'becomes/folder.txt': 'a folder now\n',
  tool: '#!/bin/sh\n',
  link: { link: 'src/1.txt' },
  ...Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`src/${index}.txt`, index % 5 === 0 ? null : bulk(`new ${index}`)])),
  ...Object.fromEntries(Array.from({ length: COUNT / 4 }, (_, index) => [`src/added/${index}.txt`, bulk(`added ${index}`)])),
}

/** Files that lie on disk with other line ends than git stores. */
const CONVERTED = /^src\/(1|added\/)/

/** Bytes of the human's that no landing may touch. */
const HUMAN = { 'notes.txt': 'untracked\n', '.env': 'SECRET=1\n' }
const EDITED = { 'README.md': 'edited after the crash\n' }

/** Where the branch of each target is checked out. */
const PLACES = { here: 'here', linked: 'linked', nowhere: 'nowhere' } as const

/** Names of the targets. */
export type TargetName = keyof typeof PLACES

/** How the stage lands: as one commit, or as two of an agent. */
export type StageStrategy = Extract<MergeStrategy, 'squash' | 'keep'>

/** What is expected of the targets after a crash: the side of those that took part; the others never moved. */
export interface Expectation {
  readonly of: readonly TargetName[]
  readonly side: Side
  /** How it was to land. */
  readonly strategy: StageStrategy
  /** The human edited a file after the crash. */
  readonly isEdited: boolean
  /** Objects are looked at too: publishing writes none. */
  readonly isSampled: boolean
}

/** Three repositories with a change that is prepared to land in them, in a folder that can be put back as it was. */
export interface LandingStage {
  readonly work: string
  /** Journal of that landing in these targets, before anything moved. */
  journal(of: readonly TargetName[], strategy: StageStrategy): LandingJournal
  target(name: string): Target
  /** Remembers how everything is. */
  save(): () => void
  /** Edits a file of the human's. */
  edit(): void
  /** Looks at every byte of all three. */
  verify(expected: Expectation, hint: string): void
  /** Whether a checkout holds some of one side and some of the other. */
  isHalf(checkout: string): boolean
}

/** Sets the stage below a folder. */
export async function setLandingStage(folder: string): Promise<LandingStage> {
  const work = join(folder, 'work')
  const targets = { here: make(work, 'here'), linked: make(work, 'linked'), nowhere: make(work, 'nowhere') }
  const prepared = { squash: await prepare(work, targets, 'squash'), keep: await prepare(work, targets, 'keep') }
  return {
    work,
    journal: (of, strategy) => ({ ...prepared[strategy], repos: prepared[strategy].repos.filter(({ repo }) => (of as readonly string[]).includes(repo)) }),
    target: (name) => targets[name as TargetName],
    save() {
      const copy = `${work}-${readdirSync(folder).length}`
      cpSync(work, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
      return () => void run(folder, 'sh', ['-c', `rm -rf ${work} && cp -a ${copy} ${work}`])
    },
    edit() {
      for (const [file, text] of Object.entries(EDITED)) writeFileSync(join(targets.here.path, file), text)
    },
    verify: (expected, hint) => verify(work, targets, prepared[expected.strategy], expected, hint),
    isHalf(checkout) {
      const found = contentOf(checkout)
      return [...found].some(([path, text]) => text !== EXPECTED.from.get(path)) && [...found].some(([path, text]) => text !== EXPECTED.to.get(path))
    },
  }
}

function make(work: string, name: TargetName): Target {
  const target = createTarget(work, name, { main: PLACES[name], files: FILES, change: CHANGE })
  git(target.path, 'gc', '--quiet')
  if (target.checkout === null) return target
  // As a clone would have written them: what was committed lies there as it was stored.
  git(target.checkout, 'rm', '--quiet', '-r', '--cached', '.')
  git(target.checkout, 'reset', '--quiet', '--hard')
  for (const [file, text] of Object.entries(HUMAN)) writeFileSync(join(target.checkout, file), text)
  return target
}

async function prepare(work: string, targets: Readonly<Record<TargetName, Target>>, strategy: StageStrategy): Promise<LandingJournal> {
  const requests = Object.entries(targets).map(([name, { path, base, snapshotCommit, tree }]) => ({
    source: { repo: nameOf(name), path },
    branch: valid(parseBranchName('main')),
    base: valid(parseOid(base)),
    snapshotCommit: valid(parseOid(snapshotCommit)),
    commits: strategy === 'keep' ? commitsOf(work, name, { base, tree }) : [],
    tree: valid(parseOid(tree)),
  }))
  const runId = valid(parseRunId('R0001'))
  const repos = await createLandingService(join(work, 'state'), () => undefined).prepare(runId, requests, { message: 'Say hello\n', strategy })
  return { format: 1, run: runId, kind: 'merge', owner: { pid: 1, startTime: '0', bootId: 'boot' }, tag: `kill-${process.pid}`, repos: [...repos] }
}

/** Two commits in the vault that lead to the change; of one target only the first, so that one of ours comes on top. */
function commitsOf(work: string, name: string, { base, tree }: Pick<Target, 'base' | 'tree'>): readonly Oid[] {
  const vault = join(work, 'state', 'vaults', `${name}.git`)
  const commit = (onto: string, what: string): Oid => valid(parseOid(git(vault, '--git-dir', vault, '-c', 'user.name=agent', '-c', 'user.email=agent@example.org', 'commit-tree', '-p', onto, '-m', 'work', what)))
  const first = commit(base, `${base}^{tree}`)
  return name === 'linked' ? [first] : [first, commit(first, tree)]
}

function nameOf(name: string): RepoName {
  return valid(parseRepoName(name))
}

function valid<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not valid')
  return value
}

/** What the paths of the change hold at each side, links followed. */
const EXPECTED = { from: textsOf(FILES), to: textsOf({ ...FILES, ...CHANGE }) } as const

function textsOf(files: Files): ReadonlyMap<string, string | null> {
  const textOf = (path: string): string | null => {
    const content = files[path] ?? null
    if (content === null) return null
    if (typeof content === 'string') return CONVERTED.test(path) ? content.replaceAll('\n', '\r\n') : content
    return 'executable' in content ? content.executable : 'link' in content ? textOf(content.link) : null
  }
  return new Map(Object.keys(CHANGE).map((path) => [path, textOf(path)]))
}

function contentOf(checkout: string): ReadonlyMap<string, string | null> {
  return new Map(Object.keys(CHANGE).map((path) => [path, readText(join(checkout, path))]))
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not there, or a folder: the other side's
  }
}

/** One shell asks git, because a start from this large process is slow. */
function verify(work: string, { here, linked, nowhere }: Readonly<Record<TargetName, Target>>, prepared: LandingJournal, { of, side, isEdited, isSampled }: Expectation, hint: string): void {
  const sideOf = (name: string): Side => ((of as readonly string[]).includes(name) ? side : 'from')
  const asked = [here, linked, nowhere].map(({ path, checkout }) => `git -C ${path} rev-parse main; git -C ${checkout ?? path} status --porcelain -uall; git -C ${path} status --porcelain${isSampled ? `; git -C ${path} fsck --no-dangling --no-progress` : ''}`)
  const clean = '?? notes.txt\n'
  const dirty = isEdited ? ` M README.md\n${clean}` : clean
  const answers = [`${dirty}${dirty}`, clean, '']
  expect(run(work, 'sh', ['-c', asked.join('\n')]), hint).toBe(prepared.repos.map((repo, index) => `${repo[sideOf(repo.repo)]}\n${answers[index]}`).join(''))
  for (const [name, { checkout }] of Object.entries({ here, linked })) {
    if (checkout !== null) verifyBytes(checkout, sideOf(name), { ...HUMAN, ...(isEdited && checkout === here.path ? EDITED : {}) }, hint)
  }
  const places = [here, linked, nowhere].flatMap(({ path, checkout }) => (checkout === null || checkout === path ? [path] : [path, checkout]))
  expect(places.flatMap(leftovers), hint).toEqual([])
}

function verifyBytes(checkout: string, side: Side, human: Readonly<Record<string, string>>, hint: string): void {
  const wrong = [...contentOf(checkout)].filter(([path, text]) => text !== EXPECTED[side].get(path)).map(([path]) => path)
  expect(wrong, hint).toEqual([])
  for (const [file, text] of Object.entries(human)) expect(readFileSync(join(checkout, file), 'utf8'), hint).toBe(text)
}

function leftovers(place: string): readonly string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => /\.lock$|\.signalbox|(^|\/)tmp_/.test(name))
}
