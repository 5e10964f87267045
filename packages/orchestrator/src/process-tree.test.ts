import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findProcessesIn, nameProcess } from './process-tree.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'process-tree-')))
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
})

/** Starts a shell that says when it is there and then stays. */
async function stay(cwd: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  const child = spawn('sh', ['-c', `${script}; echo there; exec sleep 60`], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child.pid
}

// Elsewhere nobody can tell, which the function says.
test.runIf(process.platform === 'linux')('finds who is in a folder or holds a file there open, by whatever way the folder is named, and nobody else', async () => {
  const inside = join(folder, 'work')
  mkdirSync(join(inside, 'deep'), { recursive: true })
  mkdirSync(join(folder, 'work-too'))
  symlinkSync(folder, `${folder}/link`)
  const deep = await stay(join(inside, 'deep'), ':')
  const holds = await stay('/', `exec 9> '${inside}/held'`)
  await stay(join(folder, 'work-too'), ':')
  await stay(inside, ':', { GIT_DIR: '/state/vaults/api.git' })
  for (const name of [inside, join(folder, 'link', 'work')]) expect(new Set(findProcessesIn(name, 'GIT_DIR=/state/vaults/'))).toEqual(new Set([deep, holds]))
  expect(nameProcess(deep ?? 0)).toMatch(/^(sh|dash|bash|sleep)$/)
  expect(findProcessesIn(join(folder, 'nowhere'), 'x')).toEqual([])
})
