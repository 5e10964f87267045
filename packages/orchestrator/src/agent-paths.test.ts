import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placePaths } from './agent-paths.ts'

let workspace: string
let linked: string

beforeAll(() => {
  const top = createTempDir()
  workspace = join(top, 'workspace')
  linked = join(top, 'by-link')
  for (const folder of ['workspace/api/docs', 'workspace/api/.github', 'beside']) mkdirSync(join(top, folder), { recursive: true })
  writeFileSync(join(workspace, 'api/a.txt'), 'a\n')
  symlinkSync(workspace, linked)
  symlinkSync('../../beside', join(workspace, 'api/away'))
  symlinkSync('.github', join(workspace, 'api/flows'))
  symlinkSync('../../beside/none', join(workspace, 'api/dangling'))
})
afterAll(removeTempDirs)

const place = (...paths: readonly string[]): ReturnType<typeof placePaths> => placePaths(paths, { workspace, cwd: join(workspace, 'api') })

describe('the paths of a tool call', () => {
  it.each([
    ['a.txt', ['api/a.txt']],
    ['new/b.txt', ['api/new/b.txt']],
    ['docs/../a.txt', ['api/a.txt']],
    ['../api/a.txt', ['api/a.txt']],
    ['flows/ci.yml', ['api/flows/ci.yml', 'api/.github/ci.yml']],
  ])('%s is inside', async (path, paths) => {
    expect(await place(path)).toEqual({ paths, outside: false })
  })

  it.each(['../../beside/x', '/etc/passwd', 'away/x', 'away', 'dangling', 'a.txt/x', '~/.ssh/id', '~ann/x', '$HOME/x', 'file:///etc/passwd', 'a\0b'])('%s leads outside, or who knows where', async (path) => {
    expect(await place('a.txt', path)).toMatchObject({ outside: true })
  })

  it('is inside, too, by the other name of a workspace behind a link', async () => {
    expect(await placePaths([join(workspace, 'api/a.txt'), 'api/a.txt'], { workspace: linked, cwd: linked })).toEqual({ paths: ['api/a.txt'], outside: false })
  })
})
