import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, type Diagnosis, type RunId } from '@signalbox/core'
import { createGit, MINIMUM_GIT } from '@signalbox/git'
import type { Environment, MemoryStore } from '@signalbox/memory'

/** Diagnoses what only the parts themselves know: git, where state lies, and what the memory repo has not committed. */
export async function diagnoseParts({ memory, stateDir, env, active }: Looked): Promise<readonly Diagnosis[]> {
  return [await diagnoseGit(memory, env), ...diagnoseState(stateDir), ...(await diagnoseMemory(memory, active))]
}

interface Looked {
  readonly memory: MemoryStore
  readonly stateDir: string
  readonly env: Environment
  /** Runs at work: their files are committed when they end. */
  readonly active: readonly RunId[]
}

async function diagnoseGit(memory: MemoryStore, env: Environment): Promise<Diagnosis> {
  try {
    const { text } = await createGit({ env })('source', ['--version'], { cwd: memory.dir })
    return { subject: 'git', state: 'ok', message: text.trim(), remedy: null }
  } catch (error) {
    return { subject: 'git', state: 'problem', message: messageOf(error), remedy: `Install git ${MINIMUM_GIT} or newer` }
  }
}

/** Workspaces inside a repository would inherit its ignore files, settings and agent instructions. */
function diagnoseState(stateDir: string): readonly Diagnosis[] {
  const outer = findRepositoryAbove(stateDir)
  if (outer === undefined) return []
  return [{ subject: 'state', state: 'warning', message: `the state folder ${stateDir} lies inside the repository ${outer}`, remedy: 'Set SIGNALBOX_STATE to a folder outside every repository' }]
}

function findRepositoryAbove(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const above = dirname(folder)
  return above === folder ? undefined : findRepositoryAbove(above)
}

async function diagnoseMemory(memory: MemoryStore, active: readonly RunId[]): Promise<readonly Diagnosis[]> {
  const isOfActive = (path: string): boolean => active.some((run) => path.startsWith(`runs/${run}/`))
  const pending = (await memory.pendingCommits()).filter(({ paths, tried }) => tried || !paths.every(isOfActive))
  if (pending.length === 0) return [{ subject: 'memory', state: 'ok', message: `${memory.dir}: every record is committed`, remedy: null }]
  return pending.map(({ paths, because }) => ({
    subject: 'memory',
    state: 'warning',
    message: `written but not committed: ${paths.slice(0, 5).join(', ')} (${because})`,
    remedy: 'Clear the cause; the next operation commits them, or commit them yourself',
  }))
}
