import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

// Gives each test file an environment of its own, for it and for every program it starts: an empty home, no git settings of
// this machine or of the repository the tests run in, one language and one time zone.

/** Bytes that must be free in memory before the tests' folders are made there: some copy whole repositories. */
const roomy = 2 << 30

/** What this process was started with: several files of tests run in it, one after another. */
const started: NodeJS.ProcessEnv = Reflect.get(globalThis, Symbol.for('signalbox.started')) ?? { ...process.env }
Reflect.set(globalThis, Symbol.for('signalbox.started'), started)
for (const name of Object.keys(process.env)) if (!(name in started)) delete process.env[name]
Object.assign(process.env, started)

// In memory where there is such a place with room: thousands of small repositories are made and removed.
const isRoomy = process.env['TMPDIR'] === undefined && freeBytes('/dev/shm') >= roomy
const folder = mkdtempSync(join(isRoomy ? '/dev/shm' : tmpdir(), 'signalbox-test-'))
chmodSync(folder, 0o755) // some tests start programs as another user

// How often the crash tests kill, how many sequences the model test tries and from which seed, and in which repositories, is asked for by the human who starts them.
const inherited = /^(GIT_|XDG_|SIGNALBOX_(?!KILLS$|SEED$|SEQUENCES$|FILES$|REPOSITORIES$|TRAPS$)|LC_|LANGUAGE$|NO_COLOR$|FORCE_COLOR$)/
for (const name of Object.keys(process.env)) {
  if (inherited.test(name)) delete process.env[name]
}

const folders = {
  TMPDIR: join(folder, 'tmp'),
  HOME: join(folder, 'home'),
  XDG_CONFIG_HOME: join(folder, 'config'),
  XDG_CACHE_HOME: join(folder, 'cache'),
  XDG_DATA_HOME: join(folder, 'data'),
  XDG_STATE_HOME: join(folder, 'xdg-state'),
  SIGNALBOX_STATE: join(folder, 'state'),
}
for (const path of Object.values(folders)) mkdirSync(path)
Object.assign(process.env, folders, { GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC' })

afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return 0 // There is no such place.
  }
}
