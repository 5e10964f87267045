import { statSync } from 'node:fs'
import { join } from 'node:path'
import { oidSchema, repoNameSchema } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { writeCommit } from './commit-object.ts'
import { createGit } from './exec.ts'
import { layoutOf } from './layout.ts'
import { ourSignature } from './signature.ts'
import { createVaults } from './vault.ts'

afterAll(removeTempDirs)

test.each(['sha1', 'sha256'] as const)('a commit is the one that git itself would write, in %s', async (objectFormat) => {
  const path = createRepo({ 'a.txt': 'a\n' }, { objectFormat })
  const vault = await createVaults(createGit(), layoutOf(createTempDir('state'))).open({ repo: repoNameSchema.parse('api'), path })
  const [base, tree] = raw(path, 'rev-parse', 'HEAD', 'HEAD^{tree}').split('\n').map((text) => oidSchema.parse(text))
  if (base === undefined || tree === undefined) throw new Error('the repository has no commit')
  const made = (await vault.git(['commit-tree', '-p', base, '-m', 'R0001.s1', tree], { env: ourSignature })).text.trim()
  expect(await writeCommit(vault, { base, tree, message: 'R0001.s1' })).toBe(made)
  const ours = await writeCommit(vault, { base, tree, message: 'R0001.s2' })
  expect(raw(vault.dir, '--git-dir', vault.dir, 'show', '-s', '--format=%T %P %an <%ae> %at %cn <%ce> %ct %s', ours)).toBe(`${tree} ${base} Signalbox <signalbox@localhost> 0 Signalbox <signalbox@localhost> 0 R0001.s2`)
  raw(vault.dir, '--git-dir', vault.dir, 'fsck', '--strict', '--no-dangling')
  expect(statSync(join(vault.dir, 'objects', ours.slice(0, 2), ours.slice(2))).mode & 0o777).toBe(0o444)
  expect(await writeCommit(vault, { base, tree, message: 'R0001.s2' })).toBe(ours)
})
