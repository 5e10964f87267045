import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, it } from 'vitest'
import { measureDiskUse } from './disk-use.ts'

afterAll(removeTempDirs)

it('of what is not there is nothing, and of what no path can name is unknown', async () => {
  const folder = createTempDir()
  writeFileSync(join(folder, 'file'), 'x'.repeat(10_000))
  expect(await measureDiskUse(folder)).toBeGreaterThanOrEqual(10_000)
  expect([await measureDiskUse(join(folder, 'gone')), await measureDiskUse(join(folder, 'file', 'below'))]).toEqual([0, 0])
  const name = 'n'.repeat(200)
  execFileSync('sh', ['-c', `i=0; while [ $i -lt 25 ]; do mkdir ${name} && cd ${name}; i=$((i+1)); done`], { cwd: folder })
  expect(await measureDiskUse(folder)).toBeNull()
  execFileSync('rm', ['-rf', join(folder, name)])
  expect(await measureDiskUse(folder)).toBeGreaterThanOrEqual(10_000)
  rmSync(folder, { recursive: true })
})
