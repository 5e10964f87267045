import { ControlError, parseOid, type Oid } from '@signalbox/core'
import { cQuote } from './c-quote.ts'
import type { FileVerdict, GitPlaces } from './commit-facts.ts'
import { withNewObjects } from './commit-objects.ts'
import type { Identity, MemoryGit } from './memory-git.ts'

/** One file of a commit. */
export type Change = Extract<FileVerdict, { kind: 'commit' }>

/** A commit to be made: these files changed on top of `head`, and nothing else. */
export interface NewCommit {
  /** Undefined for the first one of a branch. */
  readonly head: Oid | undefined
  readonly changes: readonly Change[]
  /** Ends with a line end. */
  readonly message: string
  readonly identity: Identity
}

/** A commit that is in the store, and on no branch yet. */
export interface WrittenCommit {
  readonly oid: Oid
  /** Its files, as lines for `update-index --index-info`. */
  readonly entries: string
}

/** More objects than one commit of ours has: they go into the store one by one, not as a pack a commit. */
const UNPACK_LIMIT = 1_000_000

/** Writes a commit made from its parent alone, the bytes of its files as they are, into the store of the memory repo. */
export async function writeCommit(git: MemoryGit, places: GitPlaces, commit: NewCommit): Promise<WrittenCommit> {
  return withNewObjects(places, async (made) => {
    // One process does what hash-object, read-tree, update-index, write-tree and commit-tree do in turn.
    const args = ['-c', `fastimport.unpackLimit=${UNPACK_LIMIT}`, 'fast-import', '--quiet', '--done', '--date-format=now']
    const { stdout } = await git.run(args, { input: streamOf(commit), variables: made.variables })
    const [first = '', ...lines] = stdout.split('\n')
    const oid = parseOid(first)
    if (oid === undefined) throw new ControlError('git.command_failed', `git fast-import did not answer with a commit: ${first}`)
    await made.publish()
    return { oid, entries: lines.join('\n') }
  })
}

/** Returns what `git fast-import` reads: the commit, then the questions for its id and for the entry of each file. */
function streamOf({ head, changes, message, identity: { name, email } }: NewCommit): Buffer {
  const person = `${nameOf(name)} <${nameOf(email)}> now`
  return Buffer.concat([
    Buffer.from(`commit refs/heads/new\nmark :1\nauthor ${person}\ncommitter ${person}\n`),
    dataOf(Buffer.from(message)),
    Buffer.from(head === undefined ? '' : `from ${head}\n`),
    ...changes.flatMap(({ mode, path, bytes }) => [Buffer.from(`M ${mode} inline ${cQuote(path)}\n`), dataOf(bytes)]),
    Buffer.from('\nget-mark :1\n'),
    ...changes.map(({ path }) => Buffer.from(`ls :1 ${cQuote(path)}\n`)),
    Buffer.from('done\n'),
  ])
}

function dataOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])
}

/** What git leaves out at the ends of a name: spaces, control bytes and some marks. */
const crud = String.raw`[\0- .,:;<>"\\']+`
const crudAtEnds = new RegExp(`^${crud}|${crud}$`, 'g')

/** Returns a name without what ends one in a commit and what git leaves out of it, as `strbuf_addstr_without_crud` in its ident.c has it. */
function nameOf(text: string): string {
  return text.replaceAll(/[<>\n\0]/g, '').replaceAll(crudAtEnds, '')
}
