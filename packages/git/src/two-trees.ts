import { join, resolve } from 'node:path'
import { ControlError, parseOid } from '@signalbox/core'
import { findConverting, isAttributesFile, readConvertingBlobs, type AttributesBlob, type Converting } from './converting.ts'
import { readIfThere } from './git-dir.ts'
import { userFolder, type Environment } from './human-settings.ts'
import { showPath } from './raw-diff.ts'
import type { GitHere } from './source-ref.ts'

/** Where the attributes of a commit in a human's repository come from. */
export interface AttributesPlace {
  readonly git: GitHere
  readonly commonDir: string
  readonly commit: string
  /** The human's environment: it says where their own attributes file is. */
  readonly env: Environment
}

/**
 * Refuses a repository where git stores other bytes than lie on disk: what is reviewed would not be what is landed.
 * @throws ControlError `repo.needs_two_trees` naming each file and line
 */
export async function refuseTwoTrees(path: string, place: AttributesPlace): Promise<void> {
  const found = await readConverting(path, place)
  const [first] = found
  if (first === undefined) return
  const more = found.length > 1 ? ` and ${found.length - 1} more` : ''
  const lfs = found.some(({ setting }) => setting === 'filter=lfs')
  throw new ControlError('repo.needs_two_trees', `${path} stores other bytes than lie on disk${lfs ? ' (Git LFS)' : ''}: ${placeText(first)}${more}`, {
    hint: 'This version cannot work with line-end, LFS or other conversion; remove the setting, or turn it off with a leading - in .git/info/attributes',
    data: { settings: found },
  })
}

function placeText({ file, line, setting }: Converting): string {
  return `${setting} in ${file}${line > 0 ? `:${line}` : ''}`
}

/** Returns every setting in force that converts. */
async function readConverting(path: string, { git, commonDir, commit, env }: AttributesPlace): Promise<readonly Converting[]> {
  const [autocrlf, userFile, inTree] = await Promise.all([
    readSetting(git, path, 'core.autocrlf'),
    readSetting(git, path, 'core.attributesFile', ['--type=path']),
    listAttributes(git, commit).then((blobs) => readConvertingBlobs(git, blobs)),
  ])
  const files = [join(commonDir, 'info', 'attributes'), userFile?.value ?? userFolder(env, 'attributes')]
  return [...convertingLineEnds(autocrlf), ...files.flatMap((file) => findConverting(readIfThere(file) ?? '', file)), ...inTree]
}

interface Setting {
  readonly value: string
  readonly file: string
}

async function readSetting(git: GitHere, path: string, key: string, type: readonly string[] = []): Promise<Setting | undefined> {
  const { text, exitCode } = await git(['config', '--null', '--show-origin', ...type, '--get', key], { okExits: [0, 1] })
  const [origin = '', value = ''] = text.split('\0')
  return exitCode === 1 ? undefined : { value, file: resolve(path, origin.replace(/^file:/, '')) }
}

function convertingLineEnds(setting: Setting | undefined): readonly Converting[] {
  if (setting === undefined || /^(false|no|off|0)$/i.test(setting.value)) return []
  const lines = (readIfThere(setting.file) ?? '').split('\n')
  const line = lines.findLastIndex((text) => /^\s*(\[.*\]\s*)?autocrlf\b/i.test(text)) + 1
  return [{ file: setting.file, line, setting: `core.autocrlf=${setting.value}` }]
}

/** Lists the `.gitattributes` files of a commit, at any depth. */
async function listAttributes(git: GitHere, commit: string): Promise<readonly AttributesBlob[]> {
  const { stdout } = await git(['ls-tree', '-r', '-z', '--full-tree', commit])
  return stdout
    .toString('latin1')
    .split('\0')
    .flatMap((entry) => {
      const [mode = '', , oidText] = entry.split(/[ \t]/, 3)
      const path = entry.slice(entry.indexOf('\t') + 1)
      const oid = parseOid(oidText)
      return oid !== undefined && isAttributesFile(path, mode) ? [{ path: showPath(path), oid }] : []
    })
}
