import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { detectProgram } from './detect.ts'

afterAll(removeTempDirs)

const wanted = { program: 'some-agent', install: 'Install it: npm install -g some-agent', login: 'Log in with: some-agent login' }

test('finds the first program on PATH that can be started, and asks it for its version once', async () => {
  const [first, second] = [createTempDir('first'), createTempDir('second')]
  writeFileSync(join(first, 'some-agent'), 'not executable', { mode: 0o644 })
  place(second, 'echo "asked $*" >> "$0.log"; echo "some-agent v1.2.3-beta.4 (build 77)"')
  const near = createTempDir('near')
  place(near, 'echo 0.0.0')
  const env = { PATH: `${relative(process.cwd(), near)}:${first}:${second}:/usr/bin:/bin` }
  const found = { program: join(second, 'some-agent'), version: '1.2.3-beta.4', hint: wanted.login }
  expect(await Promise.all([detectProgram(wanted, env), detectProgram(wanted, env)])).toEqual([found, found])
  expect(await detectProgram(wanted, env)).toEqual(found)
  expect(readFileSync(join(second, 'some-agent.log'), 'utf8')).toBe('asked --version\n')
})

test('believes the package that brought a program, and does not start it', async () => {
  const folder = createTempDir('installed')
  const home = join(folder, 'lib/node_modules/@maker/some-agent')
  mkdirSync(join(home, 'dist'), { recursive: true })
  writeFileSync(join(home, 'package.json'), '{"version":"4.5.6"}')
  writeFileSync(join(home, 'dist/package.json'), '{"type":"module"}')
  place(join(home, 'dist'), 'touch "$0.started"; echo 9.9.9')
  mkdirSync(join(folder, 'bin'))
  symlinkSync(join(home, 'dist/some-agent'), join(folder, 'bin/some-agent'))
  expect(await detectProgram(wanted, { PATH: `${folder}/bin:/usr/bin:/bin` })).toEqual({ program: join(folder, 'bin/some-agent'), version: '4.5.6', hint: wanted.login })
  expect(existsSync(join(home, 'dist/some-agent.started'))).toBe(false)
})

test('says how to install what is not there', async () => {
  expect(await detectProgram(wanted, { PATH: createTempDir('empty') })).toEqual({ program: null, version: null, hint: wanted.install })
  expect(await detectProgram(wanted, {})).toMatchObject({ program: null })
})

test('a program that does not answer is ended with all it started, and is no reason to fail', async () => {
  const folder = createTempDir('slow')
  place(folder, 'sleep 60 & echo $! > "$0.pid"; wait')
  const { program, version, hint } = await detectProgram(wanted, { PATH: `${folder}:/usr/bin:/bin` }, 300)
  expect({ program, version }).toEqual({ program: join(folder, 'some-agent'), version: null })
  expect(hint).toContain('does not say its version within 0.3 s')
  const pid = readFileSync(join(folder, 'some-agent.pid'), 'utf8').trim()
  await expect.poll(() => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))).toBe(true)
})

test('what a package or a program says for its version is shown as far as it looks like one', async () => {
  const folder = createTempDir('odd')
  const home = join(folder, 'node_modules/some-agent')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), JSON.stringify({ version: `\u001b[31m1.2.3\u0007${'x'.repeat(1_000)}` }))
  place(home, 'exit 1')
  expect(await detectProgram(wanted, { PATH: home })).toMatchObject({ version: '1.2.3' })
  const digits = createTempDir('digits')
  place(digits, 'head -c 65536 /dev/zero | tr "\\0" 1')
  const began = performance.now()
  expect(await detectProgram(wanted, { PATH: `${digits}:/usr/bin:/bin` })).toMatchObject({ version: null })
  expect(performance.now() - began).toBeLessThan(1_000)
})

test('one that fails is there, without a version', async () => {
  const folder = createTempDir('broken')
  place(folder, 'echo "cannot find module" >&2; exit 1')
  expect(await detectProgram(wanted, { PATH: `${folder}:/usr/bin:/bin` })).toMatchObject({ program: join(folder, 'some-agent'), version: null })
})

function place(folder: string, script: string): void {
  writeFileSync(join(folder, 'some-agent'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}
