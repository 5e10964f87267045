import { ControlError } from '@signalbox/core'
import { flattenAttributes, type AttributesFile } from './attributes.ts'
import { findConverting, type Converting } from './converting.ts'
import type { HumanSettings } from './human-settings.ts'
import { showPath } from './raw-diff.ts'

/** How a human's git turns bytes on disk into what it stores, and back: as it was when somebody looked. */
export interface Conversion {
  /** Text of one attributes file that stands for all in force. */
  readonly attributes: string
  /** Settings of git that take part, by name. */
  readonly config: Readonly<Record<string, string>>
  /** Whether a checkout may write other bytes than are stored. */
  readonly writesOtherBytes: boolean
}

/**
 * Returns how the human's git converts in a tree with these attributes files; undefined where it stores every byte as it
 * lies on disk.
 * @throws ControlError `repo.filter_not_allowed` naming the file and line, where a program of somebody's would have to run
 */
export function conversionOf({ path, settings, inTree }: { readonly path: string; readonly settings: HumanSettings; readonly inTree: readonly AttributesFile[] }): Conversion | undefined {
  const { autocrlf, eol, filterPrograms, userAttributes, repoAttributes } = settings.conversion
  const found = [userAttributes, ...inTree, repoAttributes].flatMap((file) => findConverting(file.text, showPath(file.path)))
  refuseFilters(path, found, filterPrograms)
  if (found.length === 0 && isOff(autocrlf)) return undefined
  return {
    attributes: flattenAttributes({ weaker: userAttributes.text, inTree, stronger: repoAttributes.text }),
    config: { 'core.autocrlf': autocrlf ?? 'false', ...(eol === undefined ? {} : { 'core.eol': eol }), 'core.safecrlf': 'false' },
    writesOtherBytes: process.platform === 'win32' || isOn(autocrlf) || eol?.toLowerCase() === 'crlf' || found.some(({ setting }) => WRITES_OTHER_BYTES.test(setting)),
  }
}

/** Attributes by which a checkout writes other bytes; the others only change what is stored. A macro may stand for any. */
const WRITES_OTHER_BYTES = /^(eol=crlf|ident|working-tree-encoding=.*)$/

/** A filter nobody set a program for is none. */
function refuseFilters(path: string, found: readonly Converting[], programs: ReadonlySet<string>): void {
  const needed = found.filter(({ setting }) => programs.has(setting.replace(/^filter=/, '')))
  const [first] = needed
  if (first === undefined) return
  const more = needed.length > 1 ? ` and ${needed.length - 1} more` : ''
  throw new ControlError('repo.filter_not_allowed', `${path} stores some files through a program${first.setting === 'filter=lfs' ? ' (Git LFS)' : ''}: ${placeText(first)}${more}`, {
    hint: 'This version runs no filter programs; remove the setting, or turn it off with a leading - in .git/info/attributes',
    data: { settings: needed },
  })
}

function placeText({ file, line, setting }: Converting): string {
  return `${setting} in ${file}:${line}`
}

function isOff(autocrlf: string | undefined): boolean {
  return autocrlf === undefined || /^(false|no|off|0|)$/i.test(autocrlf)
}

function isOn(autocrlf: string | undefined): boolean {
  return !isOff(autocrlf) && autocrlf?.toLowerCase() !== 'input'
}
