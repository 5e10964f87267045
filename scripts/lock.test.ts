import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const program = (lock: string, log: string): string => `
  import { appendFileSync } from 'node:fs'
  import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))}
  await withLock(async () => {
    appendFileSync(${JSON.stringify(log)}, 'in\\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    appendFileSync(${JSON.stringify(log)}, 'out\\n')
  }, ${JSON.stringify(lock)})`

async function take(lock: string, log: string): Promise<number | null> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(lock, log)], { stdio: 'ignore' })
  const [code]: unknown[] = await once(child, 'exit')
  return typeof code === 'number' ? code : null
}

test('lets one set-up in at a time, also after one that died holding the lock', async () => {
  const lock = join(folder, 'setup.lock')
  const log = join(folder, 'log')
  writeFileSync(lock, `${spawnSync('true').pid}-dead`)
  const codes = await Promise.all(Array.from({ length: 6 }, () => take(lock, log)))
  expect(codes).toEqual([0, 0, 0, 0, 0, 0])
  expect(readFileSync(log, 'utf8')).toBe('in\nout\n'.repeat(6))
  expect(existsSync(lock)).toBe(false)
  expect(readdirSync(folder)).toEqual(['log'])
})
