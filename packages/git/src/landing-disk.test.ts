import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oidSchema } from '@signalbox/core'
import { createTempDir, git, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { readDisk } from './landing-disk.ts'

afterAll(removeTempDirs)

test.each([0, 16 * 1024 * 1024, 16 * 1024 * 1024 + 1])('a file of %d bytes has the id that git gives it', async (size) => {
  const folder = createTempDir()
  writeFileSync(join(folder, 'file'), Buffer.alloc(size, 'content\n'))
  const disk = await readDisk(folder, 'file', oidSchema.parse('0'.repeat(40)))
  expect(disk).toEqual({ kind: 'file', oid: git(folder, 'hash-object', '--no-filters', 'file'), executable: false })
})
