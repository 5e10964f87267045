import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { commitAll, createContentFilter, createRepo, git, run, setFilter, writeFiles, type Files } from '@signalbox/testkit'

/** A repository of one shape, and what people do in it. Paths are relative to its top; null removes. */
export interface Shape {
  /** Makes it with plain git at `path`, a folder that is not there yet. */
  make(path: string): void
  readonly flags?: readonly string[]
  /** What the agent does, as files. */
  readonly work: Files
  /** What the human commits meanwhile, beside it. */
  readonly meanwhile: (path: string) => void
}

const crlf = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('')

/** Returns the shape with this name: one of ours, so many files, or that of a repository that lies somewhere. */
export function shapeNamed(name: string): Shape {
  if (name === 'a submodule and pointers of Git LFS') return submoduleAndPointers
  if (name === 'odd names and other line ends') return oddNamesAndLineEnds
  const [, count] = /^(\d+) files$/.exec(name) ?? []
  return count === undefined ? found(name) : manyFiles(Number(count))
}

/** Many files in many folders, with executables and links among them, written by `git fast-import`. */
function manyFiles(count: number): Shape {
  const nameOf = (index: number): string => `part${index % 97}/section${index % 13}/file${index}.txt`
  return {
    make(path) {
      const entries = Array.from({ length: count }, (_, index) => `M ${index % 50 === 0 ? '100755' : '100644'} inline ${nameOf(index)}\ndata <<EOF\n${`line of ${index}\n`.repeat(1 + (index % 20))}EOF\n`)
      mkdirSync(path)
      git(path, 'init', '--quiet', '--initial-branch=main')
      run(path, 'git', ['fast-import', '--quiet'], { input: `commit refs/heads/main\ncommitter Human <human@example.com> 1714557600 +0000\ndata 4\nmany\n${entries.join('')}M 120000 inline a-link\ndata 25\npart1/section1/file1.txt\n\n` })
      git(path, 'reset', '--quiet', '--hard')
    },
    work: {
      ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [nameOf(index * 31), index % 5 === 0 ? null : `rewritten ${index}\n`])),
      part3: null, // a whole folder goes, and a file comes in its place
      part5: 'a file now\n',
      'part1/deep/er/new.sh': { executable: '#!/bin/sh\n' },
      'a-link': { link: 'part2' },
    },
    meanwhile: (path) => writeFiles(path, { [nameOf(2)]: 'by hand\n', 'by hand/new.txt': 'new\n' }),
  }
}

/** Large files as pointers of Git LFS, and a submodule that the human moves while the agent works. */
const submoduleAndPointers: Shape = {
  make(path) {
    const library = createRepo({ 'lib.c': 'int one;\n' }, { path: `${path}-library` })
    createRepo({ 'a.txt': 'a\n' }, { path })
    setFilter(path, createContentFilter(`${path}-filter`).program, 'process')
    git(path, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'vendor/lib')
    writeFiles(path, { '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n', 'art/old.psd': noise('old'), 'art/kept.psd': noise('kept') })
    commitAll(path, 'art')
  },
  flags: ['--allow-filter', 'lfs'],
  work: { 'art/old.psd': noise('edited'), 'art/new one.psd': noise('new'), 'a.txt': 'b\n' },
  meanwhile(path) {
    writeFiles(path, { 'art/by hand.psd': noise('by hand') })
    writeFiles(join(path, 'vendor/lib'), { 'lib.c': 'int two;\n' })
    commitAll(join(path, 'vendor/lib'), 'two')
  },
}

const ODD: readonly string[] = ['line\nbreak.txt', '-dash.txt', '--', 'ünïcödé.txt', 'u\u0308ni.txt', '日本/語.txt', ' lead', 'trail ', 'tab\there', 'quo"te\'.txt', 'back\\slash', '*star?[x].txt', '$(echo x)`y`;&|.txt', '#hash', '!bang', ':(top)magic', '~tilde', 'a/b/-c', '\u001b[31mred.txt', `${'long'.repeat(50)}.txt`, 'last one.txt']

/** Names that need care, and text that lies on disk with other line ends than are stored. */
const oddNamesAndLineEnds: Shape = {
  make(path) {
    createRepo({ '.gitattributes': '* text=auto\n*.bat text eol=crlf\n*.sh text eol=lf\n*.dat -text\n', 'sub dir/.gitattributes': '"two words.txt" eol=crlf\n' }, { path })
    git(path, 'config', 'core.autocrlf', 'input')
    writeFiles(path, Object.fromEntries(ODD.map((name) => [name, crlf('one', `of ${name.length}`)])))
    writeFiles(path, { 'run.bat': crlf('echo one'), 'run.sh': 'echo one\n', 'raw.dat': crlf('raw'), 'sub dir/two words.txt': crlf('one') })
    commitAll(path, 'odd')
    // A fresh checkout of all, as a clone would have made it.
    git(path, 'rm', '-rq', '--cached', '.')
    git(path, 'reset', '--quiet', '--hard')
  },
  work: {
    ...Object.fromEntries(ODD.slice(0, -2).map((name, index) => [name, index % 4 === 0 ? null : crlf('one', `of ${name.length}`, 'more')])),
    ...Object.fromEntries(ODD.map((name) => [`new ${name}`, crlf('new')])),
    'run.bat': crlf('echo one', 'echo two'),
    'raw.dat': crlf('raw', 'more'),
    'sub dir/two words.txt': crlf('one', 'two'),
  },
  meanwhile: (path) => writeFiles(path, { [ODD.at(-1) ?? '']: crlf('by hand'), 'new\rby hand.bat': crlf('by hand') }),
}

/** Bytes that no filter of text could touch, the same for the same seed. */
function noise(seed: string): Buffer {
  return Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 31 + seed.length * 17 + (seed.codePointAt(index % seed.length) ?? 0)) % 251))
}

/** Text files of a repository of somebody else: the first one with each kind of line end edited, others removed, added and edited by hand. */
function found(path: string): Shape {
  const listed = run(path, 'git', ['ls-files', '-z', '--eol']).split('\0')
  const namesWith = (onDisk: string): readonly string[] => listed.flatMap((line) => (new RegExp(`^i/\\S+ +w/${onDisk} `).test(line) ? [line.slice(line.indexOf('\t') + 1)] : []))
  // What says how files are converted or ignored is no file like others.
  const [edited = '', removed = '', byHand = ''] = namesWith('lf').filter((name) => !basename(name).startsWith('.git'))
  return {
    make: (copy) => void run('/', 'git', ['clone', '--quiet', path, copy]),
    work: { ...Object.fromEntries(namesWith('crlf').slice(0, 3).map((name) => [name, crlf('rewritten')])), [edited]: 'rewritten\n', [removed]: null, 'new folder/new file.txt': crlf('new') },
    meanwhile: (copy) => writeFiles(copy, { [byHand]: 'by hand\n' }),
  }
}
