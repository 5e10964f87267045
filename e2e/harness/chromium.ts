// Brings the browser that the tests drive. Run by itself it only unpacks one, before test files race for it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signalIfAlive } from './signal.ts'

/** A Chromium on this machine and what it is started with. */
export interface Chromium {
  readonly executablePath: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const toolchain = fileURLToPath(new URL('../../.toolchain', import.meta.url))

/** Where systems install one. */
const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/**
 * As root Chromium needs the first; small shared memory, as in containers, the second; pictures that look alike everywhere
 * the third. Without a graphics card a process of its own for one only costs time.
 */
const args = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none', '--in-process-gpu']

/** A locale of the form that browsers know: with `C.UTF-8` Chromium tells pages a language that `Intl` refuses. */
const env = { LANG: 'en_US.UTF-8' }

/**
 * Returns `CHROMIUM_PATH`, else one the system has, else the one that came with the dependencies.
 * @throws Error where there is none of the three
 */
export async function findChromium(): Promise<Chromium> {
  const wanted = process.env['CHROMIUM_PATH'] ?? ''
  if (wanted !== '' && !existsSync(wanted)) throw new Error(`CHROMIUM_PATH is ${wanted}, where there is nothing`)
  const installed = [wanted, ...usualPlaces].find((path) => path !== '' && existsSync(path))
  if (installed !== undefined) return { executablePath: installed, args, env }
  if (`${process.platform}-${process.arch}` !== 'linux-x64') throw new Error('The tests in a browser need Chrome or Chromium: install one, or set CHROMIUM_PATH to it')
  const folder = await unpack()
  return { executablePath: join(folder, 'chromium'), args, env: { ...env, LD_LIBRARY_PATH: join(folder, 'al2023/lib') } }
}

/** Unpacks the packed Chromium once; it appears by one rename, so a killed unpacking leaves nothing that looks whole. */
async function unpack(): Promise<string> {
  const folder = join(toolchain, `chromium-${readVersion()}`)
  if (existsSync(folder)) return folder
  removeDrafts()
  const draft = `${folder}.${process.pid}.tmp`
  mkdirSync(draft, { recursive: true })
  // It unpacks into the folder for temporary files, and its libraries only where it believes to be in its usual place.
  const before = { TMPDIR: process.env['TMPDIR'], AWS_LAMBDA_JS_RUNTIME: process.env['AWS_LAMBDA_JS_RUNTIME'] }
  Object.assign(process.env, { TMPDIR: draft, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' })
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
    renameSync(draft, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    rmSync(draft, { recursive: true, force: true })
  }
  return folder
}

/** Removes what killed unpackings left. */
function removeDrafts(): void {
  if (!existsSync(toolchain)) return
  for (const name of readdirSync(toolchain)) {
    const [, pid] = /^chromium-.*\.(\d+)\.tmp$/.exec(name) ?? []
    if (pid !== undefined && !signalIfAlive(Number(pid), 0)) rmSync(join(toolchain, name), { recursive: true, force: true })
  }
}

function readVersion(): string {
  // The package exports no manifest.
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string') return manifest.version
  throw new Error(`${entry} has no version`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await findChromium()
