import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { branchNameSchema, configSchema, ControlError, oidSchema, repoNameSchema, runIdSchema, type SourceFingerprint } from '@signalbox/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepFingerprints, readFingerprints } from './compare-sources.ts'
import { keepForeign } from './foreign-sources.ts'
import { createRepoPaths } from './repo-paths.ts'
import { layoutState } from './state-layout.ts'

const id = runIdSchema.parse('R0001')
const [api, web, docs, slow, gone, elsewhere] = ['api', 'web', 'docs', 'slow', 'gone', 'elsewhere'].map((name) => repoNameSchema.parse(name))
const empty: SourceFingerprint = { head: [], ref: [], stash: [], index: [], config: [], hook: [], info: [], file: [] }
const seen = { ...empty, head: [['/src/web', 'ref: refs/heads/main']] } as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-foreign-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('keeps what every other registered repo of this machine looks like, or why nobody knows, and waits for none that does not answer', async () => {
  if (api === undefined) throw new Error('it has a name')
  const layout = layoutState(folder)
  const repoPaths = createRepoPaths(layout)
  for (const repo of [api, web, docs, slow, gone]) if (repo !== undefined) await repoPaths.set(repo, join(folder, repo))
  for (const repo of ['api', 'web', 'docs', 'slow']) mkdirSync(join(folder, repo))
  const source = { branch: null, head: oidSchema.parse('a'.repeat(40)), dirty: false, paths: [], operation: null }
  const run = { id, repos: [{ repo: api, baseBranch: branchNameSchema.parse('main'), baseHead: source.head, source }] }
  const settings = Object.fromEntries([api, web, docs, slow, gone, elsewhere].map((repo) => [repo, { baseBranch: 'main' }]))
  const services = {
    layout,
    repoPaths,
    memory: { readConfig: async () => configSchema.parse({ format: 1, repos: settings }) },
    tripwire: {
      observeForeign: ({ repo }: { readonly repo: string }): Promise<SourceFingerprint> => {
        if (repo === 'slow') return new Promise(() => {})
        return repo === 'docs' ? Promise.reject(new ControlError('repo.unreachable', 'docs is broken')) : Promise.resolve(seen)
      },
    },
  }
  await keepForeign(services, run)
  expect(await readFingerprints(services, id)).toBeUndefined() // of its own repos nothing is kept: they say so
  await keepFingerprints(services, id, [{ repo: api, fingerprint: empty }])
  const late = { repo: slow, unread: 'it took too long to look at before the run' }
  const kept = [{ repo: api, fingerprint: empty }, { repo: web, fingerprint: seen }, { repo: docs, unread: 'docs is broken' }, late]
  await keepForeign(services, run, 200)
  expect(await readFingerprints(services, id)).toEqual(kept)
  await keepForeign(services, run, 200) // as a run that goes on does
  expect(await readFingerprints(services, id)).toEqual(kept)
})
