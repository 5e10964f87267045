import { constants } from 'node:fs'
import { mkdir, open, realpath, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { RpcError, rpcCodes } from './rpc.ts'

/** The files of one folder, for an agent that reads and writes them through us. Every path is followed through its links first, and must end in the folder. */
export interface Files {
  /** `line` counts from 1. @throws RpcError -32002 when there is none, -32602 outside the folder */
  read(path: string, line: number | undefined, limit: number | undefined): Promise<string>
  /** Makes the folders it needs. @throws RpcError -32602 outside the folder */
  write(path: string, text: string): Promise<void>
}

/** Bytes of a file that are read. What is larger is no text for a model. */
const mostBytes = 16 * 1024 * 1024

/** A link put in a folder's place meanwhile is not followed. */
const { O_RDONLY, O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

export function createFiles(folder: string): Files {
  return {
    async read(path, line, limit) {
      const text = await withEntry(folder, path, false, async (entry) => {
        const file = await open(entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        return closing(file, async () => {
          const { size } = await regular(file, path)
          if (size > mostBytes) throw new RpcError(rpcCodes.invalidParams, `${path} is larger than ${mostBytes} bytes`)
          return file.readFile('utf8')
        })
      })
      if (line === undefined && limit === undefined) return text
      const from = Math.max(0, (line ?? 1) - 1)
      return text.split('\n').slice(from, limit === undefined ? undefined : from + limit).join('\n')
    },
    async write(path, text) {
      await withEntry(folder, path, true, async (entry) => {
        const file = await open(entry, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666)
        await closing(file, async () => {
          await regular(file, path)
          await file.truncate(0)
          await file.writeFile(text)
        })
      })
    },
  }
}

/**
 * Opens the folder of an entry, one level after the other and through no link, and hands on a path of the entry that leads through that open folder:
 * whatever is moved or linked meanwhile, it is the folder that was looked at. Where the system has no such paths, the plain one is used.
 */
async function withEntry<T>(folder: string, path: string, makes: boolean, use: (entry: string) => Promise<T>): Promise<T> {
  try {
    const root = await realpath(folder)
    const target = await followLinks(resolve(root, path))
    const inside = relative(root, target)
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) throw new RpcError(rpcCodes.invalidParams, `${path} is outside the folder of this session`)
    let at = await openFolder(root)
    try {
      for (const name of dirname(inside).split(sep).filter((each) => each !== '.' && each !== '')) {
        const next = join(at.path, name)
        if (makes) await mkdir(next).catch(unlessExists)
        const opened = await openFolder(next)
        await at.handle.close()
        at = opened
      }
      return await use(join(at.path, basename(inside)))
    } finally {
      await at.handle.close()
    }
  } catch (error) {
    if (codeIn(error) === 'ENOENT') throw new RpcError(rpcCodes.notFound, `Resource not found: ${path}`)
    throw error
  }
}

async function openFolder(path: string): Promise<{ readonly handle: FileHandle; readonly path: string }> {
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  return { handle, path: process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path }
}

/** Follows the links of what there is of a path; the rest of it is still to be made. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeIn(error) !== 'ENOENT' || dirname(path) === path) throw error
    return join(await followLinks(dirname(path)), basename(path))
  }
}

async function regular(file: FileHandle, path: string): Promise<{ readonly size: number }> {
  const found = await file.stat()
  if (!found.isFile()) throw new RpcError(rpcCodes.invalidParams, `${path} is no file`)
  return found
}

async function closing<T>(file: FileHandle, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } finally {
    await file.close()
  }
}

function unlessExists(error: unknown): void {
  if (codeIn(error) !== 'EEXIST') throw error
}

function codeIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
