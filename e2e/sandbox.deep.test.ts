import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { git, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkForm, failureForm, gateForm, mergeForm, runForm, taskForm, tokenForm, type RunValue } from './harness/contract.ts'
import { isZombie } from './harness/leftovers.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

/** What this machine can do, found out without the code under test. Where it cannot, every sandboxed run here must be refused. */
const isAvailable = spawnSync('bwrap', ['--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', 'true']).status === 0

let world: World
let made = 0
beforeAll(async () => {
  world = await createWorld()
  mkdirSync(join(world.env['HOME'] ?? '', '.ssh'))
  writeFileSync(join(world.env['HOME'] ?? '', '.ssh', 'id'), 'MY-PRIVATE-KEY\n')
  writeFileSync(join(world.env['HOME'] ?? '', '.profile'), 'mine\n')
})
afterAll(() => world.close())

async function createStage(...checks: readonly string[]) {
  made += 1
  const name = `api${made}`
  const source = world.source(name, { 'a.txt': 'a\n' })
  await addRepo(world, name, source, ...checks)
  return { name, source, task: await newTask(world, `Work on ${name}`, '--repo', name) }
}

/** Where the machine has no sandbox, the refusal is all there is to see; returns undefined then. */
async function runIn(isolation: 'private' | 'sandbox', task: string, script: string, ...flags: readonly string[]): Promise<RunValue | undefined> {
  const args = ['run', task, ...flags, '--isolation', isolation, '--agent', 'shell', '--json', '--', 'sh', '-c', script]
  // What was done beside a private run is found, and fails it.
  if (isAvailable || isolation === 'private') return world.ask(runForm, args, isolation === 'private' ? 5 : 0)
  expect((await world.ask(failureForm, args, 5)).error.code).toBe('sandbox.unavailable')
  return undefined
}

async function logOf({ id }: RunValue): Promise<string> {
  return (await world.call(['log', id])).stdout
}

/** Attacks, each of which says `did NAME` when the system let it happen. */
function attacks({ source, state, victim, port }: { readonly source: string; readonly state: string; readonly victim: number; readonly port: number }): string {
  const node = `require('net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
  const all: Readonly<Record<string, string>> = {
    'write-source': `echo x > ${source}/evil`,
    'commit-source': `git -C ${source} commit -q --allow-empty -m evil`,
    'hook-source': `echo x > ${source}/.git/hooks/post-checkout`,
    'write-ssh': 'echo x > ~/.ssh/authorized_keys',
    'read-ssh': 'cat ~/.ssh/id',
    'write-profile': 'echo evil >> ~/.profile',
    'write-state': `echo x > ${state}/evil`,
    'read-approval-key': `od -An -tx1 ${state}/*/approval.key`,
    'read-tokens': `ls ${state}/*/tokens/*`,
    'read-others': `ls -d ${state}/*/workspaces/R0001/*`,
    see: `grep -q sleep /proc/${victim}/cmdline`,
    kill: `kill -9 ${victim}`,
    network: `node -e "${node}"`,
  }
  return ['exec 2>/dev/null', ...Object.entries(all).map(([name, command]) => `(${command}) && echo did ${name}`), 'echo work > a.txt; git commit -qam work; echo more > b.txt; exit 0'].join('\n')
}

const names = ['write-source', 'commit-source', 'hook-source', 'write-ssh', 'read-ssh', 'write-profile', 'write-state', 'read-approval-key', 'read-tokens', 'read-others', 'see', 'kill', 'network']

describe('a hostile agent', () => {
  it('can do all of it without a sandbox, none of it in one, and there its work lands like any other', async () => {
    // An approval makes the key, a token its file, and both runs have another one beside them.
    const first = await createStage()
    const landed = await world.ask(runForm, ['run', first.task, '--agent', 'shell', '--json', '--', 'sh', '-c', 'echo b > b.txt'])
    await world.ask(mergeForm, ['merge', landed.id, '--approve'])
    await world.ask(tokenForm, ['token'])
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      for (const [isolation, expected] of [['sandbox', []], ['private', names]] as const) {
        run(world.memory, 'sh', ['-c', `grep -q sandbox signalbox.yaml || printf 'sandbox: {network: deny}\\n' >> signalbox.yaml`])
        const { source, task, name } = await createStage('sees=test -f b.txt && test ! -e ~/.ssh/id')
        const before = git(source, 'rev-parse', 'HEAD')
        const victim = spawn('sleep', ['60'], { stdio: 'ignore' })
        const ended = once(victim, 'exit')
        const ran = await runIn(isolation, task, attacks({ source, state: world.state, victim: victim.pid ?? 0, port }))
        if (ran === undefined) {
          victim.kill()
          continue
        }
        const log = await logOf(ran)
        expect([...log.matchAll(/did ([a-z-]+)$/gm)].map(([, did]) => did)).toEqual(expected)
        if (isolation === 'private') {
          await ended
          continue
        }
        expect(victim.exitCode ?? victim.signalCode).toBeNull()
        victim.kill()
        await ended
        expect(log).not.toContain('MY-PRIVATE-KEY')
        expect(ran).toMatchObject({ isolation, outcome: 'completed', receipts: [{ exitCode: 0 }], sources: [{ repo: name, changes: [] }] })
        expect(git(source, 'rev-parse', 'HEAD')).toBe(before)
        expect([join(source, 'evil'), join(world.state, 'evil'), join(world.env['HOME'] ?? '', '.ssh', 'authorized_keys')].filter((path) => existsSync(path))).toEqual([])
        expect((await world.call(['show', ran.id])).stdout).toMatch(/The system confines it.*They have no network\./s)
        await world.ask(mergeForm, ['merge', ran.id, '--approve'])
        expect(readFileSync(join(source, 'b.txt'), 'utf8')).toBe('more\n')
      }
    } finally {
      server.close()
    }
  })

  it('reads what it is handed, and keeps what it keeps, in the folder of its run for that', async () => {
    const { task } = await createStage()
    appendFileSync(join(world.memory, 'signalbox.yaml'), 'agents:\n  reader: {command: [sh, -c, "cat > told.txt"], prompt: stdin}\n')
    const args = ['run', task, '--isolation', 'sandbox', '--agent', 'reader']
    if (!isAvailable) return
    const ran = await world.ask(runForm, args)
    expect(ran.outcome).toBe('completed')
    expect((await world.call(['diff', ran.id])).stdout).toContain('+## Open findings')
  })

  it('is gone with all it started when it is cancelled, after time to save its work', async () => {
    const { task } = await createStage()
    const script = `trap 'echo saved > saved.txt; exit 3' TERM
      (trap '' TERM; exec env -i setsid sleep 4711${made}${process.pid}) &
      echo ready; while :; do sleep 0.05; done`
    const started = await runIn('sandbox', task, script, '--detach')
    if (started === undefined) return
    await until('the agent to be ready', async () => (/ready/.test(await logOf(started)) && pidsOf(`sleep 4711${made}${process.pid}`).length > 0 ? true : undefined))
    const cancelled = await world.ask(runForm, ['cancel', started.id])
    expect(cancelled).toMatchObject({ outcome: 'cancelled', snapshots: [{ complete: true, repos: [{ files: 1 }] }] })
    expect(pidsOf(`sleep 4711${made}${process.pid}`)).toEqual([])
  })

  it('is gone when it is cancelled, though it dropped the tag of its run and heeds no signal', async () => {
    const { task } = await createStage()
    const started = await runIn('sandbox', task, `trap '' TERM; echo ready; exec env -i sleep 4713${made}${process.pid}`, '--detach')
    if (started === undefined) return
    await until('the agent to be at work', () => (pidsOf(`sleep 4713${made}${process.pid}`).length > 0 ? true : undefined))
    expect(await world.ask(runForm, ['cancel', started.id])).toMatchObject({ outcome: 'cancelled' })
    expect(pidsOf(`sleep 4713${made}${process.pid}`)).toEqual([])
  })

  it('is gone with all it started when its supervisor is killed, and its work is saved', async () => {
    const { task } = await createStage()
    const started = await runIn('sandbox', task, `(exec env -i setsid sleep 4712${made}${process.pid}) & echo work > work.txt; echo ready; kill -9 $PPID; sleep 600`, '--detach')
    if (started === undefined) return
    await until('the agent to be ready', async () => (/ready/.test(await logOf(started)) && pidsOf(`sleep 4712${made}${process.pid}`).length > 0 ? true : undefined))
    const { pid } = JSON.parse(readFileSync(join(stateFolderOf(world), 'runs', started.id, 'lease.json'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    await until('nothing of it to live', () => (pidsOf(`sleep 4712${made}${process.pid}`).length === 0 ? true : undefined))
    expect(await world.ask(runForm, ['show', started.id])).toMatchObject({ outcome: 'interrupted', snapshots: [{ complete: true, repos: [{ files: 1 }] }] })
  })
})

describe('checks of a sandboxed run', () => {
  it('are confined too, in a folder that no other run is checked in, and go with it', async () => {
    const evil = join(world.dir, `api${made + 1}`, 'evil')
    const { task, name } = await createStage(`free=touch ${evil} 2>/dev/null; test ! -e ${evil} && git log -1 --format=%s`)
    const ran = await runIn('sandbox', task, 'echo b > b.txt')
    if (ran === undefined) return
    expect(ran.receipts).toMatchObject([{ exitCode: 0 }])
    expect((await world.ask(checkForm, ['check', ran.id])).receipts).toMatchObject([{ exitCode: 0 }])
    expect(existsSync(evil)).toBe(false)
    expect(readdirSync(join(stateFolderOf(world), 'checks')).filter((entry) => entry.startsWith(name))).toEqual([`${name}@${ran.id}`])
    expect((await world.ask(gateForm, ['gate', ran.id], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
    await world.call(['clean'])
    expect(readdirSync(join(stateFolderOf(world), 'checks')).filter((entry) => entry.startsWith(name))).toEqual([])
    expect(existsSync(join(stateFolderOf(world), 'runs', ran.id, 'sandbox'))).toBe(false)
  })
})

describe('without bubblewrap', () => {
  it('a sandboxed run is refused before anything is made, never started with less, and doctor says so', async () => {
    const { task } = await createStage()
    const bin = join(world.dir, 'bin')
    mkdirSync(bin)
    for (const program of ['git', 'sh', 'node']) symlinkSync(whereIs(program), join(bin, program))
    const before = [(await world.call(['runs', '--json'])).stdout, git(world.memory, 'log', '--format=%H'), readdirSync(join(world.memory, 'runs'))]
    const outcome = await world.call(['run', task, '--isolation', 'sandbox', '--agent', 'shell', '--json', '--', 'true'], { env: { PATH: bin } })
    expect(outcome.exit).toBe(5)
    expect(failureForm.parse(JSON.parse(outcome.stdout)).error).toMatchObject({ code: 'sandbox.unavailable', message: expect.stringMatching(/bwrap/), hint: expect.stringMatching(/apt-get install bubblewrap/) })
    expect([(await world.call(['runs', '--json'])).stdout, git(world.memory, 'log', '--format=%H'), readdirSync(join(world.memory, 'runs'))]).toEqual(before)
    expect((await world.ask(taskForm, ['task', 'show', task])).status).toBe('ready')
    const told = await world.call(['doctor', '--json'], { env: { PATH: bin } })
    expect(JSON.parse(told.stdout)).toMatchObject({ diagnoses: expect.arrayContaining([expect.objectContaining({ code: 'sandbox', state: 'ok', message: expect.stringMatching(/refused here: bubblewrap/), remedy: expect.stringMatching(/bubblewrap/) })]) })
  })
})

function whereIs(program: string): string {
  return (world.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? program
}

/** Live processes with exactly this command line. */
function pidsOf(command: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || isZombie(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim() === command
    } catch {
      return false // it ended meanwhile
    }
  })
}
