import { spawn } from 'node:child_process'
import type { Link } from '@signalbox/api/server'
import type { Place } from '../server-place.ts'

/**
 * Opens a link in the human's browser, where there is a desktop; false when there is none. The link itself is printed
 * in any case, so that nothing here may fail.
 */
export async function openBrowser(place: Place, link: Link): Promise<boolean> {
  const opener = openerOf(process.platform, place.env)
  if (opener === undefined) return false
  const { createLaunchPage } = await import('@signalbox/api/server')
  const [program, ...args] = [...opener, await createLaunchPage(place, link)]
  if (program === undefined) return false
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' })
    // No such program: the human opens the printed link.
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

/** Returns the program of a platform that opens a file, with its first arguments; undefined without a desktop. */
export function openerOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): readonly string[] | undefined {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['cmd', '/c', 'start', '""']
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined
}
