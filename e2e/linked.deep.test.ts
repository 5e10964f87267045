import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkForm, diffForm, failureForm, gateForm, mergeForm, runForm, type RunValue } from './harness/contract.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

let world: World
let made = 0
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

async function createStage() {
  made += 1
  const name = `api${made}`
  const source = world.source(name, { 'a.txt': 'a\n' })
  await addRepo(world, name, source, 'ok=true')
  const task = await newTask(world, `Work on ${name}`, '--repo', name)
  const start = (script: string, ...flags: readonly string[]): Promise<RunValue> => world.ask(runForm, ['run', task, ...flags, '--isolation', 'linked', '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`])
  return { name, source, start }
}

describe('a run in linked isolation', () => {
  it('works on a branch of the human’s own repository, and lands like any other', async () => {
    const { name, source, start } = await createStage()
    const ran = await start('echo work > a.txt; git commit -qam work; echo more > b.txt')
    expect(ran).toMatchObject({ isolation: 'linked', outcome: 'completed', receipts: [{ exitCode: 0 }], sources: [{ repo: name, changes: [] }] })
    expect((await world.signalbox(['show', ran.id])).stdout).toContain('can alter your refs, settings and hooks')
    expect(git(source, 'log', '-1', '--format=%s', `signalbox/${ran.id.toLowerCase()}`)).toBe('work')
    expect((await world.ask(diffForm, ['diff', ran.id])).repos[0]?.files.map(({ path }) => path)).toEqual(['a.txt', 'b.txt'])
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
    expect(readFileSync(join(source, 'b.txt'), 'utf8')).toBe('more\n')
    await world.ask(mergeForm, ['undo', ran.id])
    expect(git(source, 'status', '--porcelain')).toBe('')
  })

  it('can be cleaned: its worktree goes, its branch stays; but not with work that is in no round', async () => {
    const { source, start } = await createStage()
    const ran = await start('echo work > a.txt; git commit -qam work')
    const worktree = ran.workspace ?? ''
    run(worktree, 'sh', ['-c', 'cd */ && git switch --quiet --detach && echo later > a.txt && git commit -qam later'])
    const { exit, stdout } = await world.call(['clean', ran.id, '--json'])
    expect([exit, stdout]).toEqual([4, expect.stringContaining('work_unsaved')])
    run(worktree, 'sh', ['-c', `cd */ && git switch --quiet signalbox/${ran.id.toLowerCase()}`])
    expect((await world.call(['clean', ran.id])).exit).toBe(0)
    expect(git(source, 'worktree', 'list').split('\n')).toHaveLength(1)
    expect(git(source, 'log', '-1', '--format=%s', `signalbox/${ran.id.toLowerCase()}`)).toBe('work')
    expect((await world.ask(diffForm, ['diff', ran.id])).repos[0]?.files.map(({ path }) => path)).toEqual(['a.txt'])
  })

  it('is saved when it is cancelled, and when all its processes are killed', async () => {
    const { source, start } = await createStage()
    const cancelled = await start('echo work > a.txt; touch ready; while :; do sleep 0.05; done', '--detach')
    await until(cancelled)
    expect(await world.ask(runForm, ['cancel', cancelled.id])).toMatchObject({ outcome: 'cancelled', snapshots: [{ complete: true, repos: [{ files: 2 }] }], sources: [{ changes: [] }] })
    const killed = await start('echo work > a.txt; touch ready; git update-ref refs/heads/stolen HEAD; kill -9 $PPID; while :; do sleep 0.05; done', '--detach')
    await world.signalbox(['log', killed.id, '-f'])
    expect(await world.ask(runForm, ['show', killed.id])).toMatchObject({ outcome: 'interrupted', snapshots: [{ complete: true }], sources: [{ changes: [{ name: 'refs/heads/stolen' }] }] })
    expect(git(source, 'status', '--porcelain')).toBe('')
  })

  it('that alters what is not its own is blocked by name, runs nothing in our git, and may land once all is put back', async () => {
    const { source, start } = await createStage()
    git(source, 'branch', 'other')
    run(source, 'sh', ['-c', 'echo s > a.txt; git stash -q'])
    const marker = join(world.dir, 'marker')
    const ran = await start(`
      common=$(git rev-parse --path-format=absolute --git-common-dir)
      echo work > a.txt; git commit -qam work
      git branch -D -q other; git stash drop -q; git update-ref refs/heads/evil HEAD
      for hook in post-index-change reference-transaction post-checkout; do printf '#!/bin/sh\\ntouch ${marker}\\n' > $common/hooks/$hook; chmod +x $common/hooks/$hook; done
      git config filter.evil.clean 'touch ${marker}; cat'; git config core.fsmonitor 'touch ${marker}; false'
      echo '* filter=evil' > $common/info/attributes; touch ${source}/a.txt; rm -f ${marker}`)
    expect(ran).toMatchObject({ outcome: 'completed' })
    const gate = await world.ask(gateForm, ['gate', ran.id], 4)
    const [blocker] = gate.blockers
    expect(blocker).toMatchObject({ code: 'repo_tampered', data: { changes: expect.arrayContaining([expect.objectContaining({ what: 'ref', name: 'refs/heads/other', before: expect.any(String), after: null })]) } })
    for (const name of ['refs/heads/evil', 'stash', 'config: filter.evil.clean', 'hooks/reference-transaction', 'info/attributes']) expect(JSON.stringify(blocker?.data)).toContain(name)
    expect(blocker?.message).toContain(`altered while ${ran.id} worked in a worktree of it: .git/config: core.fsmonitor is new, .git/config: filter.evil.clean is new, .git/hooks/post-checkout is new, `)
    for (const args of [['show', ran.id], ['diff', ran.id], ['seal', ran.id], ['check', ran.id], ['doctor']]) await world.signalbox(args)
    expect((await world.refused('merge', ran.id, '--approve')).error.code).toBe('gate.blocked')
    expect(existsSync(marker) ? 'ran' : 'did not run').toBe('did not run')

    run(source, 'sh', ['-c', 'rm .git/hooks/post-index-change .git/hooks/reference-transaction .git/hooks/post-checkout .git/info/attributes && git config --remove-section filter.evil && git config --unset core.fsmonitor && git branch -qD evil'])
    run(source, 'sh', ['-c', blocker?.remedy.command ?? 'false'])
    // With a filter set, nothing was written for checks either.
    await world.ask(checkForm, ['check', ran.id])
    expect((await world.ask(gateForm, ['gate', ran.id], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    expect(git(source, 'stash', 'list')).not.toBe('')
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
  })

  it('is blocked by name for a hook, though it made more tags than are listed, also once these are gone', async () => {
    const { source, start } = await createStage()
    const ran = await start(`echo work > a.txt; git commit -qam work; common=$(git rev-parse --path-format=absolute --git-common-dir); i=0; while [ $i -lt 1001 ]; do echo "$(git rev-parse HEAD) refs/tags/t$i"; i=$((i+1)); done >> $common/packed-refs; echo evil > $common/hooks/pre-commit`)
    run(source, 'sh', ['-c', 'git tag -l | xargs git tag -d >/dev/null'])
    const blockers = (await world.ask(gateForm, ['gate', ran.id], 4)).blockers
    expect(blockers.map(({ code }) => code)).toEqual(['facts_unavailable', 'repo_tampered', 'approval_missing'])
    expect(blockers[1]?.message).toContain('.git/hooks/pre-commit is new')
  })

  it('is one of three that are offered; another word is refused with all', async () => {
    const { error } = await world.ask(failureForm, ['run', 'T0001', '--agent', 'demo', '--isolation', 'none'], 2)
    expect(error).toMatchObject({ code: 'input.invalid', message: expect.stringMatching(/none.*private.*linked.*sandbox/s) })
  })
})

/** Waits until the agent of a run has written its first words. */
async function until(started: RunValue): Promise<void> {
  run(world.state, 'sh', ['-c', `while ! find . -path '*workspaces/${started.id}/*/ready' | grep -q .; do sleep 0.05; done`])
}
