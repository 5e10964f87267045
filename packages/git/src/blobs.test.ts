import { parseOid, type Oid } from '@signalbox/core'
import { createTempDir, git, removeTempDirs, run } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBlobs } from './blobs.ts'
import { createGit } from './exec.ts'
import { gitInSource, type GitHere } from './source-ref.ts'

afterAll(removeTempDirs)

const dir = createTempDir('blobs')
let calls: string[] = []
let here: GitHere

beforeAll(() => {
  git(dir, 'init', '--quiet')
  const door = gitInSource(createGit(), dir)
  here = (args, more) => {
    calls.push(args.join(' '))
    return door(args, more)
  }
})

function store(bytes: string | Buffer): { readonly oid: Oid } {
  const oid = parseOid(run(dir, 'git', ['-c', 'core.looseCompression=0', 'hash-object', '-w', '--stdin'], { input: bytes }).trim())
  if (oid === undefined) throw new Error('git stored nothing')
  return { oid }
}

async function readAll(wanted: readonly { readonly oid: Oid }[]): Promise<readonly Buffer[]> {
  calls = []
  const found: Buffer[] = []
  for await (const [one, bytes] of readBlobs(here, wanted)) {
    expect(one).toBe(wanted[found.length])
    found.push(Buffer.from(bytes))
  }
  return found
}

test('many blobs come with two processes, in order, whatever bytes they have, and one twice', async () => {
  const texts = ['', '\n', 'a', Buffer.from([0, 10, 255, 10, 0]), 'no line end', `${'0'.repeat(40)} blob 3\nabc\n`, 'a', ...Array.from({ length: 200 }, (_, index) => `text ${index}\n`)]
  expect(await readAll(texts.map(store))).toEqual(texts.map((text) => Buffer.from(text)))
  expect(calls).toHaveLength(2)
})

test('nothing is asked for nothing', async () => {
  expect(await readAll([])).toEqual([])
  expect(calls).toEqual([])
})

test('large ones are read one after another, so that never all are in memory', async () => {
  const large = [Buffer.alloc(17 << 20, 'a'), Buffer.from('small'), Buffer.alloc(33 << 20, 'b')]
  const found = await readAll(large.map(store))
  expect(found.map((bytes, index) => bytes.equals(large[index] ?? Buffer.alloc(0)))).toEqual([true, true, true])
  expect(calls.filter((call) => call === 'cat-file --batch')).toHaveLength(2)
})

test('an answer that is cut short is an error', async () => {
  const wanted = [store('first'), store('second')]
  const door = here
  here = async (args, more) => {
    const answer = await door(args, more)
    return args[1] === '--batch' ? { ...answer, stdout: answer.stdout.subarray(0, -3) } : answer
  }
  await expect(readAll(wanted)).rejects.toMatchObject({ code: 'git.command_failed' })
  here = door
})

test('what is gone, or is no file, is an error and never empty', async () => {
  const gone = parseOid('1234567890123456789012345678901234567890')
  const tree = parseOid(git(dir, 'write-tree'))
  for (const oid of [gone, tree]) {
    if (oid === undefined) throw new Error('no id')
    await expect(readAll([store('a'), { oid }])).rejects.toMatchObject({ code: 'git.command_failed' })
  }
})
