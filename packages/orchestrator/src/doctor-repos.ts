import { existsSync } from 'node:fs'
import { ControlError, messageOf, parseRepoName } from '@signalbox/core'
import type { DoctorLine } from './doctor-line.ts'
import type { SourceRef } from './git-ports.ts'
import type { Services } from './services.ts'

/** The registered repos, as far as it can be read which those are. */
export interface Registry {
  readonly names: readonly string[]
  /** Where they lie on this machine. */
  readonly paths: Readonly<Record<string, string>>
  /** What could not be read. */
  readonly troubles: readonly DoctorLine[]
}

/** Reads which repos there are; where the settings cannot be read, those that this machine has a folder for. */
export async function readRegistry({ memory, repoPaths }: Services): Promise<Registry> {
  const troubles: DoctorLine[] = []
  const attempt = async <T>(subject: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      troubles.push({ code: 'settings_unreadable', subject, state: 'problem', message: messageOf(error), remedy: hintOf(error) ?? 'Repair it by hand; it is never rewritten for you' })
      return undefined
    }
  }
  const config = await attempt('settings', () => memory.readConfig())
  const paths = (await attempt('folders', () => repoPaths.read())) ?? {}
  return { names: Object.keys(config?.repos ?? paths), paths, troubles }
}

/** The registered repos that can be looked into; `diagnoseRepos` says what is wrong with the others. */
export function sourcesOf({ names, paths }: Registry): readonly SourceRef[] {
  return names.flatMap((name) => {
    const [repo, path] = [parseRepoName(name), paths[name]]
    return repo === undefined || path === undefined || !existsSync(path) ? [] : [{ repo, path }]
  })
}

/** Says of each registered repo whether it is where it was registered, and usable. */
export async function diagnoseRepos({ sources }: Services, { names, paths }: Registry): Promise<readonly DoctorLine[]> {
  return Promise.all(
    names.map(async (name): Promise<DoctorLine> => {
      const path = paths[name]
      if (path === undefined || !existsSync(path)) {
        return { code: 'repo', subject: name, state: 'problem', message: path === undefined ? 'it has no folder on this machine' : `its folder ${path} is gone`, remedy: `signalbox repo add PATH --name ${name}` }
      }
      try {
        await sources.inspect(path)
        return { code: 'repo', subject: name, state: 'ok', message: path, remedy: null }
      } catch (error) {
        return { code: 'repo', subject: name, state: 'problem', message: messageOf(error), remedy: hintOf(error) ?? `Repair the repository at ${path}` }
      }
    }),
  )
}

function hintOf(error: unknown): string | undefined {
  return error instanceof ControlError ? error.hint : undefined
}
