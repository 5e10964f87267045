import { join } from 'node:path'
import { nodeProgram } from './node-program.ts'
import { git } from './run.ts'
import { writeFiles } from './write-files.ts'

/** A filter program that stores content the way Git LFS does, beside git's objects and named by its sha256. */
export interface ContentFilter {
  /** The program itself. */
  readonly program: string
  /** File that a line is added to whenever the program starts: its mode, and the folder it was started in. */
  readonly log: string
  /** While this file is there, the program fails at what it names: `clean` or `smudge`. */
  readonly broken: string
}

/** Writes the program into a folder. */
export function createContentFilter(folder: string): ContentFilter {
  const [program, log, broken] = [join(folder, 'content-filter'), join(folder, 'log'), join(folder, 'broken')]
  writeFiles(folder, { 'content-filter': nodeProgram(PROGRAM) })
  return { program, log, broken }
}

/** Sets a program up in a repository under the name of Git LFS: as one process for all files, or as one for each. */
export function setFilter(repository: string, program: string, kind: 'process' | 'each'): void {
  const commands = kind === 'process' ? { process: `${program} filter-process` } : { clean: `${program} clean -- %f`, smudge: `${program} smudge -- %f` }
  for (const [key, command] of Object.entries(commands)) git(repository, 'config', `filter.lfs.${key}`, command)
}

/** The pointer is that of Git LFS, and so are the places content lies in: either program can read what the other one stored. */
const PROGRAM = String.raw`
const { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, readSync, writeFileSync, writeSync } = require('node:fs')
const { createHash } = require('node:crypto')
const { execFileSync } = require('node:child_process')
const { dirname, join, resolve } = require('node:path')
const mode = process.argv[2]
appendFileSync(join(__dirname, 'log'), mode + ' in ' + process.cwd() + '\n')
const isBroken = (command) => existsSync(join(__dirname, 'broken')) && readFileSync(join(__dirname, 'broken'), 'utf8') === command

const ask = (...args) => { try { return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() } catch { return '' } }
let places
const placesOf = () => {
  if (places !== undefined) return places
  const common = resolve(ask('rev-parse', '--git-common-dir'))
  const listed = join(common, 'objects', 'info', 'alternates')
  const lines = existsSync(listed) ? readFileSync(listed, 'utf8').split('\n').filter((line) => line !== '') : []
  const borrowed = lines.map((line) => join(dirname(line.startsWith('"') ? JSON.parse(line) : line), 'lfs'))
  places = [ask('config', 'lfs.storage') || join(common, 'lfs'), ...borrowed]
  return places
}
const fileOf = (place, oid) => join(place, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)
const pointed = (bytes) => bytes.length < 1024 ? /^version https:\/\/git-lfs.github.com\/spec\/v1\noid sha256:([0-9a-f]{64})\n/.exec(bytes.toString('latin1'))?.[1] : undefined

const clean = (bytes) => {
  if (bytes.length === 0 || pointed(bytes) !== undefined) return bytes
  const oid = createHash('sha256').update(bytes).digest('hex')
  const file = fileOf(placesOf()[0], oid)
  mkdirSync(dirname(file), { recursive: true })
  if (!existsSync(file)) writeFileSync(file, bytes)
  return Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:' + oid + '\nsize ' + bytes.length + '\n')
}
const smudge = (bytes) => {
  const oid = pointed(bytes)
  if (oid === undefined) return bytes
  const found = placesOf().map((place) => fileOf(place, oid)).find((file) => existsSync(file))
  return found === undefined ? bytes : readFileSync(found)
}
const work = (command, bytes) => {
  if (isBroken(command)) throw new Error('broken')
  return command === 'clean' ? clean(bytes) : smudge(bytes)
}

const read = (size) => {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; ) {
    const got = readSync(0, bytes, at, size - at)
    if (got === 0) process.exit(0)
    at += got
  }
  return bytes
}
const readPacket = () => {
  const size = Number.parseInt(read(4).toString('latin1'), 16)
  return size === 0 ? undefined : read(size - 4)
}
const readList = () => {
  const list = []
  for (let one = readPacket(); one !== undefined; one = readPacket()) list.push(one)
  return list
}
const write = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at) }
const writeList = (list) => {
  for (const one of list) write(Buffer.concat([Buffer.from((one.length + 4).toString(16).padStart(4, '0')), one]))
  write(Buffer.from('0000'))
}
const lines = (...texts) => texts.map((text) => Buffer.from(text + '\n'))
const chunks = (bytes) => Array.from({ length: Math.ceil(bytes.length / 65000) }, (_, index) => bytes.subarray(index * 65000, (index + 1) * 65000))

if (mode === 'filter-process') {
  readList()
  writeList(lines('git-filter-server', 'version=2'))
  readList()
  writeList(lines('capability=clean', 'capability=smudge'))
  for (;;) {
    const command = readList()[0].toString().trim().slice('command='.length)
    const bytes = Buffer.concat(readList())
    try {
      const answer = work(command, bytes)
      writeList(lines('status=success'))
      writeList(chunks(answer))
      writeList([])
    } catch {
      writeList(lines('status=error'))
    }
  }
} else {
  write(work(mode, readFileSync(0)))
}
`
