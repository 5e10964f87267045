import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type Oid, type RunId } from '@signalbox/core'
import { createGitEngine, type GitEngine } from '@signalbox/git'
import { git } from './repository.ts'

export const main = branchNameSchema.parse('main')

/** Our engine over a state folder of its own. */
export function openEngine(stateDir: string): GitEngine {
  return createGitEngine({ stateDir, env: { ...process.env, HOME: stateDir } })
}

export function sourceOf(name: string, path: string): { readonly repo: ReturnType<typeof repoNameSchema.parse>; readonly path: string } {
  return { repo: repoNameSchema.parse(name), path }
}

/** Run ids of a bench: one per round. */
export function runOf(round: number): RunId {
  return runIdSchema.parse(`R${String(round + 1).padStart(4, '0')}`)
}

export function headOf(folder: string): Oid {
  return oidSchema.parse(git(folder, ['rev-parse', 'HEAD']).trim())
}
