import type { RepoPath } from '@signalbox/core'
import type { Look } from './look.ts'
import { visible } from './untrusted.ts'

/** Says where the claims of an agent and what it changed part, a line each. */
export function claimedText(claimed: { readonly absent: readonly RepoPath[]; readonly unclaimed: readonly RepoPath[] | null; readonly outside: readonly string[] } | undefined, { ink }: Look): string {
  if (claimed === undefined) return ''
  const name = ({ repo, path }: RepoPath): string => visible(`${repo}/${path}`)
  return [
    ...claimed.absent.map((one) => `${ink.yellow('claimed, but absent:')} ${name(one)}`),
    ...(claimed.unclaimed ?? []).map((one) => `${ink.yellow('present, but unclaimed:')} ${name(one)}`),
    ...claimed.outside.map((path) => `${ink.yellow('claimed, outside of its checkouts:')} ${visible(path)}`),
  ].join('\n')
}
