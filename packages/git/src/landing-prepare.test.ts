import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseRepoName, parseRunId } from '@signalbox/core'
import { createRepo, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { clearPinLocks } from './landing-prepare.ts'

afterAll(removeTempDirs)

test('of all locks in a source only those of our own pins, of this run, are removed', async () => {
  const [run, repo] = [parseRunId('R0001'), parseRepoName('api')]
  if (run === undefined || repo === undefined) throw new TypeError('these are names')
  const path = createRepo({ 'a.txt': 'a\n' })
  await clearPinLocks(run, { repo, path })
  const own = ['refs/signalbox/pins/R0001/landing-1.lock', 'refs/signalbox/pins/R0001/base-1.lock']
  const others = ['refs/signalbox/pins/R0001/base-1', 'refs/signalbox/pins/R0002/base-1.lock', 'refs/heads/main.lock', 'index.lock', 'packed-refs.lock']
  writeFiles(join(path, '.git'), Object.fromEntries([...own, ...others].map((name) => [name, ''])))
  await clearPinLocks(run, { repo, path })
  expect([...own, ...others].filter((name) => existsSync(join(path, '.git', name)))).toEqual(others)
})
