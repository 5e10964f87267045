import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import * as z from 'zod'
import { stateFolderOf } from './state-folder.ts'
import { firstWritten, type ThreeTarget, type ThreeTargets } from './three-targets.ts'
import type { World } from './world.ts'

/** What tells from outside how far a landing is: its journal, and the lock that git holds while it rewrites a checkout. */
export interface LandingFiles {
  readonly journal: string
  readonly indexLocks: readonly string[]
  /** What git makes first when it rewrites a checkout; all that is large comes after. */
  readonly firstWritten: readonly string[]
}

/** Names the files of the landing that is about to happen. */
export function landingFilesOf(world: World, { run, targets }: ThreeTargets): LandingFiles {
  return { journal: join(stateFolderOf(world), 'journals', `${run.id}.json`), indexLocks: targets.flatMap(indexLockOf), firstWritten: targets.flatMap(({ landing }) => (landing === null ? [] : [join(landing, firstWritten)])) }
}

function indexLockOf({ landing }: ThreeTarget): readonly string[] {
  return landing === null ? [] : [`${git(landing, 'rev-parse', '--path-format=absolute', '--git-path', 'index')}.lock`]
}

const journalForm = z.looseObject({ repos: z.array(z.looseObject({ repo: z.string(), step: z.string() })) })

function readJournal({ journal }: LandingFiles): z.infer<typeof journalForm> | undefined {
  try {
    return journalForm.parse(JSON.parse(readFileSync(journal, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Counts what the journal of a landing says so far: 1 when it is there, and 1 for each repo that is under way, 2 for each that is done. */
export function countSteps(files: LandingFiles): number {
  const weights: Readonly<Record<string, number>> = { publishing: 1, published: 2 }
  const journal = readJournal(files)
  return journal === undefined ? 0 : 1 + journal.repos.reduce((sum, { step }) => sum + (weights[step] ?? 0), 0)
}

/** Tells whether git holds the index of a checkout that it rewrites. */
export function isRewriting({ indexLocks }: LandingFiles): boolean {
  return indexLocks.some((lock) => existsSync(lock))
}

/** Says how far a landing was when it was killed, from what it left on disk. */
export function readProgress(files: LandingFiles, targets: readonly ThreeTarget[]): string {
  const landed = targets.filter((target) => git(target.source, 'rev-parse', 'refs/heads/main') !== target.base).length
  const journal = readJournal(files)
  if (journal === undefined) return landed === 0 ? 'before the journal' : 'after the journal'
  if (isRewriting(files)) return `${landed} of 3 targets moved, git at work in a checkout`
  return `${landed} of 3 targets moved, ${journal.repos.filter(({ step }) => step === 'published').length} noted`
}
