import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseOid, type Oid } from '@signalbox/core'
import { createRepo, createTarget, createTempDir, git, removeTempDirs, run } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createLandingService } from '../test/landing-service.ts'
import { landingOf } from '../test/one-landing.ts'
import { createGit, type Git } from './exec.ts'
import { isStartOfWritten, readWritten } from './landing-bytes.ts'
import { gitInSource, type GitHere } from './source-ref.ts'

afterAll(removeTempDirs)

/** More than is held at once. */
const large = Buffer.alloc(17 * 1024 * 1024, 'not all of it fits\n')
const digestOf = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex')

function setScene(): { readonly path: string; readonly here: GitHere; readonly store: (bytes: string | Buffer) => Oid } {
  const path = createRepo({ '.gitattributes': '*.crlf text eol=crlf\n' })
  return { path, here: gitInSource(createGit(), path), store: (bytes) => oid(run(path, 'git', ['hash-object', '-w', '--stdin'], { input: bytes }).trim()) }
}

function oid(text: string): Oid {
  const parsed = parseOid(text)
  if (parsed === undefined) throw new Error(`not valid: ${text}`)
  return parsed
}

async function written(here: GitHere, path: string, id: Oid): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const [, content] of readWritten(here, [{ path, oid: id, entry: { mode: '100644', oid: id } }])) {
    if (Buffer.isBuffer(content)) pieces.push(content)
    else await content(async (piece) => void pieces.push(piece))
  }
  return Buffer.concat(pieces)
}

describe('what git would write', () => {
  test.each<[string, string, string, string]>([
    ['as it is stored', 'a.txt', 'one\ntwo\n', 'one\ntwo\n'],
    ['with other line ends', 'a.crlf', 'one\ntwo\n', 'one\r\ntwo\r\n'],
    ['of an empty file that would be converted', 'a.crlf', '', ''],
    ['of one without a line end', 'a.crlf', 'one', 'one'],
  ])('is told %s', async (_how, path, stored, expected) => {
    const { here, store } = setScene()
    expect((await written(here, path, store(stored))).toString()).toBe(expected)
  })

  test.each(['a.txt', 'a.crlf'])('is told of a file larger than what is held at once: %s', async (name) => {
    const { here, store } = setScene()
    const expected = name === 'a.txt' ? large : Buffer.from(large.toString().replaceAll('\n', '\r\n'))
    expect(digestOf(await written(here, name, store(large)))).toBe(digestOf(expected))
  })

  test('is refused where there is no such file', async () => {
    const { here } = setScene()
    for (const name of ['a.txt', 'a.crlf']) await expect(written(here, name, oid('1'.repeat(40)))).rejects.toMatchObject({ code: 'git.command_failed' })
  })
})

test('a file is a beginning when it is shorter than what git would write, and equal as far as it goes', async () => {
  const { path, here, store } = setScene()
  const isStart = (name: string, stored: string, onDisk: string): Promise<boolean> => {
    writeFileSync(join(path, name), onDisk)
    return isStartOfWritten(here, path, { path: name, oid: store(stored) })
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), async (disk, content) => {
      const bytes = Buffer.from(content).toString('hex')
      expect(await isStart('a.txt', content, disk)).toBe(Buffer.byteLength(disk) < bytes.length / 2 && bytes.startsWith(Buffer.from(disk).toString('hex')))
    }),
    { numRuns: 10, examples: [['ab', 'ab'], ['', 'a'], ['a', 'abc']] },
  )
  expect(await isStart('a.crlf', 'one\ntwo\n', 'one\r\nt')).toBe(true)
  expect(await isStart('a.crlf', 'one\ntwo\n', 'one\nt')).toBe(false)
})

test('a landing killed in the middle of a file larger than git may say at once is finished, and so is its undo', async () => {
  const folder = createTempDir('large')
  const target = createTarget(folder, 'one', { main: 'here', files: { 'large.txt': 'small\n' }, change: { 'large.txt': large, 'small.txt': 'new\n' } })
  const { path, prepare, file } = landingOf(folder, target, join(folder, 'one'))
  const bounded = (door: Git): Git => (profile, args, call) => door(profile, args, { maxBuffer: 1024 * 1024, ...call })
  const landing = createLandingService(`${folder}/state`, () => undefined, bounded)
  const journal = await prepare({ step: 'publishing' })
  writeFileSync(join(path, 'large.txt'), large.subarray(0, 5_000_000))
  expect(await landing.recover(journal, file)).toMatchObject({ state: 'done' })
  expect(digestOf(readFileSync(join(path, 'large.txt')))).toBe(digestOf(large))
  expect(git(path, 'status', '--porcelain')).toBe('')
  writeFileSync(join(path, 'large.txt'), large.subarray(0, 5_000_000))
  const undo = { ...journal, kind: 'undo' as const, repos: journal.repos.map((repo) => ({ ...repo, step: 'rolling_back' as const })) }
  expect(await landing.recover(undo, file)).toMatchObject({ state: 'undone' })
  expect(readFileSync(join(path, 'large.txt'), 'utf8')).toBe('small\n')
})
