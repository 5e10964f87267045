import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, fingerprint, git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, gateForm, mergeForm, runForm } from './harness/contract.ts'
import { collectEverywhere } from './harness/collect.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const cleanForm = z.looseObject({
  format: z.literal(1),
  dryRun: z.boolean(),
  workspaces: z.array(z.looseObject({ run: z.string(), path: z.string(), bytes: z.int(), standing: z.string(), action: z.string(), pins: z.array(z.looseObject({ ref: z.string() })), reasons: z.array(z.looseObject({ code: z.string(), message: z.string(), remedy: z.string() })) })),
  checkFolders: z.array(z.looseObject({ repos: z.array(z.string()), action: z.string() })),
  freed: z.int(),
})
type CleanValue = z.infer<typeof cleanForm>

let world: World
let api: string
beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { 'a.txt': 'a\n', '.gitignore': 'build/\n' })
  await addRepo(world, 'api', api, 'green=true')
})
afterAll(() => world.close())

/** A run of a task of its own that changes one file; returns its id. */
async function runOnce(script = 'echo b > a.txt; mkdir build; echo out > build/x'): Promise<string> {
  return (await runScript(world, await newTask(world, 'Change it', '--repo', 'api'), script)).id
}

const workspaceOf = (run: string): string => join(stateFolderOf(world), 'workspaces', run)
const gitDirOf = (run: string): string => join(stateFolderOf(world), 'runs', run, 'git')
const actionsOf = ({ workspaces }: CleanValue): Readonly<Record<string, string>> => Object.fromEntries(workspaces.map(({ run, action }) => [run, action]))
const codesOf = (value: CleanValue, run: string): readonly string[] => value.workspaces.find((one) => one.run === run)?.reasons.map(({ code }) => code) ?? []

async function emptied(): Promise<void> {
  await until('the trash to be empty', () => (readdirSync(join(stateFolderOf(world), 'trash')).length === 0 ? true : undefined))
}

describe('clean', () => {
  it('takes what landed or was rejected, leaves what has not, and an approved run can be shown and merged without its workspace', async () => {
    const [landed, rejected, approved] = [await runOnce(), await runOnce('echo no > no.txt'), await runOnce('echo c > c.txt')]
    await world.ask(approvalForm, ['approve', approved])
    await world.ask(runForm, ['reject', rejected])
    await world.ask(mergeForm, ['merge', landed, '--approve'])
    const before = fingerprint(api)
    const dry = await world.ask(cleanForm, ['clean', '--dry-run'])
    expect(actionsOf(dry)).toEqual({ [landed]: 'would_remove', [rejected]: 'would_remove', [approved]: 'kept' })
    expect(dry.workspaces[0]).toMatchObject({ run: approved, standing: 'open', reasons: [{ code: 'not_landed', remedy: expect.stringContaining(`signalbox clean ${approved}`) }] })
    expect(existsSync(join(workspaceOf(landed), 'api/build/x'))).toBe(true)

    const pinsOf = (run: string): readonly string[] => git(api, 'for-each-ref', '--format=%(refname)', `refs/signalbox/pins/${run}/`).split('\n')
    const pinned = [landed, rejected, approved].map(pinsOf)
    expect(dry.workspaces.find(({ run }) => run === landed)?.pins.map(({ ref }) => ref)).toEqual(pinned[0]?.filter((ref) => ref.includes('/landing-')))
    const text = await world.call(['clean'])
    expect([landed, rejected, approved].map(pinsOf)).toEqual([pinned[0]?.filter((ref) => ref.includes('/base-')), pinned[1], pinned[2]])
    expect(text).toMatchObject({ exit: 0, stdout: expect.stringMatching(new RegExp(`${approved}  kept, not landed[^]*${landed}  removed, landed[^]*Freed `)) })
    expect([landed, rejected, approved].map((run) => [existsSync(workspaceOf(run)), existsSync(gitDirOf(run))])).toEqual([[false, false], [false, false], [true, true]])
    await emptied()

    // The target moved by the first landing, so the approved run is refreshed without its workspace, too.
    const diff = (await world.call(['diff', approved])).stdout
    expect(actionsOf(await world.ask(cleanForm, ['clean', approved]))).toEqual({ [approved]: 'removed' })
    expect(fingerprint(api)).toEqual(before)
    collectEverywhere(world, [api])
    expect((await world.call(['diff', approved])).stdout).toBe(diff)
    expect(await world.ask(runForm, ['show', approved])).toMatchObject({ workspace: null, handoff: expect.any(String) })
    await world.ask(runForm, ['refresh', approved])
    await world.ask(mergeForm, ['merge', approved, '--approve'])
    expect(git(api, 'show', 'main:c.txt')).toBe('c')
    expect((await world.refused('seal', approved)).error.code).toBe('run.already_merged')
    expect((await world.call(['diff', landed])).stdout).toContain('+b')
    expect(await world.ask(cleanForm, ['clean'])).toMatchObject({ workspaces: [], freed: 0 })
  })

  it('refuses, and names, what no round has, and goes on with the rest', async () => {
    const script = 'echo d >> a.txt'
    const runs = [await runOnce(script), await runOnce(script), await runOnce(script), await runOnce(script), await runOnce(script), await runOnce(script)] as const
    const [edited, stashed, nested, outside, linked, fine] = runs
    for (const run of runs) await world.ask(runForm, ['reject', run])
    writeFiles(join(workspaceOf(edited), 'api'), { 'late.txt': 'late\n' })
    const stash = join(workspaceOf(stashed), 'api')
    writeFiles(stash, { 'a.txt': 'stashed\n' })
    git(stash, 'stash', '--quiet')
    writeFileSync(join(stash, 'a.txt'), readFileSync(join(workspaceOf(fine), 'api/a.txt')))
    createRepo({ x: 'x' }, { path: join(workspaceOf(nested), 'api/inner') })
    writeFiles(workspaceOf(outside), { 'notes.md': 'mine\n' })
    const human = createRepo({ 'a.txt': 'human\n' }, { path: join(world.dir, 'elsewhere/api') })
    rmSync(workspaceOf(linked), { recursive: true })
    symlinkSync(join(world.dir, 'elsewhere'), workspaceOf(linked))
    const before = fingerprint(human)

    const value = await world.ask(cleanForm, ['clean'], 4)
    expect(actionsOf(value)).toEqual({ [edited]: 'refused', [stashed]: 'refused', [nested]: 'refused', [outside]: 'refused', [linked]: 'refused', [fine]: 'removed' })
    expect(value.workspaces.find(({ run }) => run === edited)?.reasons).toEqual([{ code: 'work_unsaved', message: 'api changed since its round was sealed: late.txt', remedy: `Save it as a round: signalbox seal ${edited}` }])
    expect(value.workspaces.find(({ run }) => run === stashed)?.reasons[0]?.message).toContain('refs/stash')
    expect(value.workspaces.find(({ run }) => run === nested)?.reasons[0]?.message).toContain('inner')
    expect(value.workspaces.find(({ run }) => run === outside)?.reasons[0]?.message).toContain('notes.md')
    expect(codesOf(value, linked)).toContain('facts_unavailable')
    expect(fingerprint(human)).toEqual(before)
    expect(existsSync(join(workspaceOf(edited), 'api/late.txt'))).toBe(true)

    await world.ask(runForm, ['seal', edited])
    expect(actionsOf(await world.ask(cleanForm, ['clean', edited]))).toEqual({ [edited]: 'removed' })
    expect((await world.call(['diff', edited])).stdout).toContain('+late')
    for (const run of [stashed, nested, outside, linked]) rmSync(workspaceOf(run), { recursive: true })
    git(join(gitDirOf(stashed), 'api.git'), 'update-ref', '-d', 'refs/stash')
    expect(await world.ask(cleanForm, ['clean'])).toMatchObject({ workspaces: [{ action: 'removed' }, { action: 'removed' }, { action: 'removed' }, { action: 'removed' }] })
    expect(fingerprint(human)).toEqual(before)
  })

  it('leaves alone what somebody works in, and what cannot be looked at', async () => {
    const [used, lost, running] = [await runOnce('echo e > e.txt'), await runOnce('echo f > f.txt'), 'R0099']
    for (const run of [used, lost]) await world.ask(runForm, ['reject', run])
    const shell = spawn('sh', ['-c', 'echo there; exec sleep 60'], { cwd: join(workspaceOf(used), 'api'), stdio: ['ignore', 'pipe', 'ignore'] })
    await once(shell.stdout, 'data')
    const vault = join(stateFolderOf(world), 'vaults/api.git')
    const { snapshots } = await world.ask(runForm, ['show', lost])
    const commit = snapshots[0]?.repos[0]?.commit ?? ''
    const blob = git(vault, 'rev-parse', `${commit}:f.txt`)
    const object = join(vault, 'objects', blob.slice(0, 2), blob.slice(2))
    const bytes = readFileSync(object)
    rmSync(object)
    try {
      const value = await world.ask(cleanForm, ['clean', used, lost], 4)
      expect(codesOf(value, used)).toEqual(['workspace_in_use'])
      expect(value.workspaces.find(({ run }) => run === used)?.reasons[0]?.message).toContain(String(shell.pid))
      expect(codesOf(value, lost)).toContain('round_unreadable')
      expect([used, lost].map((run) => existsSync(join(workspaceOf(run), 'api/a.txt')))).toEqual([true, true])
    } finally {
      shell.kill('SIGKILL')
      await once(shell, 'exit')
      writeFileSync(object, bytes)
    }
    expect((await world.call(['clean', running, '--json'])).exit).toBe(3)
    expect(actionsOf(await world.ask(cleanForm, ['clean', used, lost]))).toEqual({ [used]: 'removed', [lost]: 'removed' })
  })

  it('finds nothing to remove where it was removed, and calls no run at work whose end is only not settled', async () => {
    const [gone, open] = [await runOnce(), await runOnce('echo e > e.txt')]
    await world.ask(cleanForm, ['clean', gone])
    expect(await world.ask(cleanForm, ['clean', gone])).toMatchObject({ workspaces: [], freed: 0 })
    expect((await world.call(['clean', gone])).stdout).toBe('There is nothing to remove\n')

    const [lease, active] = [join(stateFolderOf(world), 'runs', open, 'lease.json'), join(stateFolderOf(world), 'active', open)]
    mkdirSync(join(active, '..'), { recursive: true })
    writeFileSync(lease, '{')
    writeFileSync(active, '')
    const { workspaces } = await world.ask(cleanForm, ['clean', open], 4)
    expect(workspaces).toMatchObject([{ run: open, standing: 'open', action: 'refused', reasons: [{ code: 'end_unsettled', remedy: expect.stringContaining('signalbox doctor') }] }])
    rmSync(lease)
    expect(actionsOf(await world.ask(cleanForm, ['clean', open]))).toEqual({ [open]: 'removed' })
    for (const run of [gone, open]) await world.ask(runForm, ['reject', run])
  })

  it('deletes read-only folders, and neither follows links nor changes modes behind them', async () => {
    const outside = join(world.dir, 'outside')
    writeFiles(outside, { 'kept.txt': 'kept\n' })
    chmodSync(outside, 0o555)
    const run = await runOnce(`mkdir -p build/ro; echo x > build/ro/x; chmod 555 build/ro build; ln -s '${outside}' out`)
    await world.ask(runForm, ['reject', run])
    expect(actionsOf(await world.ask(cleanForm, ['clean', run]))).toEqual({ [run]: 'removed' })
    await emptied()
    expect([readFileSync(join(outside, 'kept.txt'), 'utf8'), statSync(outside).mode & 0o777]).toEqual(['kept\n', 0o555])
    chmodSync(outside, 0o755)
  })

  it('takes check folders that nothing open needs, and the next check makes them anew', async () => {
    const run = await runOnce('echo g > g.txt')
    const folder = join(stateFolderOf(world), 'checks/api')
    expect(existsSync(folder)).toBe(true)
    expect((await world.ask(cleanForm, ['clean', '--dry-run'])).checkFolders).toMatchObject([{ repos: ['api'], action: 'kept' }])
    await world.ask(runForm, ['reject', run])
    for (const { id } of (await world.ask(z.looseObject({ tasks: z.array(z.looseObject({ id: z.string() })) }), ['task', 'list'])).tasks) await world.call(['task', 'edit', id, '--status', 'dropped'])
    // One that cannot be removed is told like any other, and keeps nothing else from going.
    const [checks, away] = [join(folder, '..'), join(stateFolderOf(world), 'checks-away')]
    renameSync(checks, away)
    symlinkSync(away, checks)
    expect((await world.ask(cleanForm, ['clean'], 4)).checkFolders).toMatchObject([{ repos: ['api'], action: 'refused' }])
    rmSync(checks)
    renameSync(away, checks)
    expect((await world.ask(cleanForm, ['clean'])).checkFolders).toMatchObject([{ repos: ['api'], action: 'removed' }])
    expect(existsSync(folder)).toBe(false)
    expect((await world.call(['check', run])).exit).toBe(0)
    expect(existsSync(folder)).toBe(true)
    // Rejected and cleaned, it may still be approved, and the gate asks for nothing of the workspace.
    expect((await world.ask(gateForm, ['gate', run], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
  })

  it('names folders of a run nobody knows, and does not touch them', async () => {
    mkdirSync(join(workspaceOf('R0777'), 'api'), { recursive: true })
    writeFiles(workspaceOf('R0777'), { 'api/x.txt': 'x\n' })
    expect(codesOf(await world.ask(cleanForm, ['clean']), 'R0777')).toEqual(['run_unknown'])
    expect((await world.ask(cleanForm, ['clean', 'R0777'], 4)).workspaces).toMatchObject([{ action: 'refused' }])
    rmSync(join(workspaceOf('R0777'), 'api/x.txt'))
    expect(actionsOf(await world.ask(cleanForm, ['clean', 'R0777']))).toEqual({ R0777: 'removed' })
  })
})
