import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createRepo, createTempDir, git as raw, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGit } from './exec.ts'
import { readHumanSettings } from './human-settings.ts'

afterAll(removeTempDirs)

const read = (path: string) => readHumanSettings(createGit(), process.env, { path })

describe('files that the settings of a human name', () => {
  test('are looked for from the top of the checkout, in each worktree its own, as git add does', async () => {
    const path = createRepo({ 'a.txt': 'a\n' })
    const beside = join(createTempDir(), 'beside')
    raw(path, 'worktree', 'add', '--quiet', beside)
    raw(path, 'config', 'core.excludesFile', '.rules')
    raw(path, 'config', 'core.attributesFile', 'set/attributes')
    writeFiles(path, { '.rules': '*.secret', 'set/attributes': '*.txt text\n', 'k.secret': 'k' })
    writeFiles(beside, { '.rules': '*.other\n', 'k.other': 'k' })
    expect(await read(path)).toMatchObject({ excludes: expect.stringMatching(/^\*\.secret\n/), conversion: { userAttributes: { path: join(path, 'set/attributes'), text: '*.txt text\n' } } })
    expect(await read(beside)).toMatchObject({ excludes: expect.stringMatching(/^\*\.other\n/), conversion: { userAttributes: { text: '' } } })
    for (const [checkout, ignored] of [[path, 'k.secret'], [beside, 'k.other']] as const) expect(raw(checkout, 'check-ignore', ignored)).toBe(ignored)
  })

  test.each([
    ['~/rules', join(process.env['HOME'] ?? homedir(), 'rules')],
    [`~${userInfo().username}/rules`, join(userInfo().homedir, 'rules')],
    ['', '/dev/null'],
  ])('may lie in a home, or be none: %j', async (set, file) => {
    const path = createRepo({ 'a.txt': 'a\n' })
    raw(path, 'config', 'core.attributesFile', set)
    expect((await read(path)).conversion.userAttributes).toEqual({ path: file, text: '' })
  })

  test('take no git more where they lie in the own home, as the ignore rules of many do', async () => {
    const path = createRepo({ 'a.txt': 'a\n' })
    raw(path, 'config', 'core.excludesFile', '~/rules')
    const home = createTempDir('home')
    writeFiles(home, { rules: '*.mine\n' })
    const [git, asked] = [createGit({ env: { ...process.env, HOME: home } }), [] as string[]]
    const { excludes } = await readHumanSettings((profile, args, call) => git(profile, (asked.push(args[0]), args), call), { ...process.env, HOME: home }, { path })
    expect([excludes.startsWith('*.mine\n'), asked]).toEqual([true, ['config']])
  })

  test('are not taken for none where git cannot tell whose home is meant', async () => {
    const path = createRepo({ 'a.txt': 'a\n' })
    raw(path, 'config', 'core.excludesFile', '~nobody-has-this-name/rules')
    await expect(read(path)).rejects.toMatchObject({ code: 'git.command_failed' })
  })
})
