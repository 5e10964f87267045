import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { git, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, fingerprints, type Fingerprints } from './harness/compare.ts'
import { gateForm, mergeForm, type RunValue } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/**
 * Everything an agent can do through git to whoever runs git next: hooks, monitors, filters, drivers, aliases, includes,
 * replaced objects, borrowed objects led astray. Each trap writes the marker when it is sprung.
 */
const script = (marker: string): string => `
trap="echo sprung >> ${marker}"
common=$(git rev-parse --path-format=absolute --git-common-dir)
own=$(git rev-parse --path-format=absolute --git-dir)
git stash list >/dev/null; git stash push -q 2>/dev/null || true; git stash clear
git update-ref refs/heads/main $(git commit-tree -m evil HEAD^{tree})
git tag evil; git branch evil; git branch -D feature 2>/dev/null || true
git pack-refs --all; git reflog expire --expire=now --all; git gc -q --prune=now || true
mkdir -p "$common/hooks" hooks
for hook in pre-commit post-commit post-checkout post-merge reference-transaction post-index-change pre-auto-gc fsmonitor-watchman; do
  for folder in "$common/hooks" hooks; do printf '#!/bin/sh\\n%s\\n' "$trap" > $folder/$hook; chmod +x $folder/$hook; done
done
printf '#!/bin/sh\\n%s\\ncat\\n' "$trap" > hooks/filter; chmod +x hooks/filter
git config core.hooksPath "$PWD/hooks"; git config core.fsmonitor "$PWD/hooks/fsmonitor-watchman"
git config filter.evil.clean "$PWD/hooks/filter"; git config filter.evil.smudge "$PWD/hooks/filter"; git config filter.evil.required true
git config diff.external "$PWD/hooks/filter"; git config diff.evil.textconv "$PWD/hooks/filter"; git config merge.evil.driver "$PWD/hooks/filter"
git config core.pager "$PWD/hooks/filter"; git config core.editor "$PWD/hooks/filter"; git config core.sshCommand "$PWD/hooks/filter"
git config include.path "$PWD/hooks/more"; printf '[core]\\n\\tfsmonitor = %s\\n' "$PWD/hooks/fsmonitor-watchman" > hooks/more
printf '* filter=evil diff=evil merge=evil\\n' > "$common/info/attributes" 2>/dev/null || { mkdir -p "$common/info"; printf '* filter=evil diff=evil merge=evil\\n' > "$common/info/attributes"; }
printf '*\\n' >> "$common/info/exclude"
git replace HEAD HEAD~0 2>/dev/null || true
echo work > work.txt
touch "$own/index.lock"
# Its own last commands sprang some of them: from here on only ours would.
rm -f ${marker}
`

describe('an agent that lays every trap it can through git', () => {
  let world: World
  let source: string
  let marker: string
  let before: Fingerprints
  let ran: RunValue

  beforeAll(async () => {
    world = await createWorld()
    marker = join(world.dir, 'marker')
    source = world.source('api', { 'README.md': '# api\n', '.gitignore': '.env\n', '.env': 'SECRET=1\n' })
    git(source, 'branch', 'feature')
    run(source, 'sh', ['-c', 'echo mine >> README.md && git stash --quiet'])
    before = fingerprints([source])
    await addRepo(world, 'api', source, 'work=test -f work.txt')
    await newTask(world, 'Lay traps', '--repo', 'api')
    ran = await runScript(world, 'T0001', script(marker))
  })
  afterAll(() => world.close())

  it('reaches nothing of the source: no ref, stash, setting, hook or byte', () => {
    const changed = differences(before[source] ?? {}, fingerprints([source])[source] ?? {})
    expect(changed.filter((name) => !name.startsWith('refs/signalbox/'))).toEqual([])
  })

  it('springs none of them in our git, from the seal to the landing', async () => {
    expect(ran).toMatchObject({ outcome: 'completed', snapshots: [{ complete: true }], receipts: [{ exitCode: 0 }] })
    expect(existsSync(marker) ? 'sprung' : 'not sprung').toBe('not sprung')
    await world.signalbox(['show', 'R0001'])
    await world.signalbox(['diff', 'R0001', '--stat'])
    await world.signalbox(['seal', 'R0001'])
    await world.signalbox(['check', 'R0001'])
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    await world.signalbox(['undo', 'R0001'])
    expect(existsSync(marker) ? 'sprung' : 'not sprung').toBe('not sprung')
  })

  it('laid real traps: plain git in the checkout falls into them', () => {
    run(ran.workspace ?? '', 'sh', ['-c', 'cd api && rm -f "$(git rev-parse --git-dir)/index.lock"; git status >/dev/null 2>&1; git add -A >/dev/null 2>&1; true'])
    expect(existsSync(marker)).toBe(true)
  })
})
