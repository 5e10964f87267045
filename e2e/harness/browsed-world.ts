import type { Browser, BrowserContextOptions } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { serveWorld, type ServedWorld } from './served-world.ts'
import { visit, type Visitor } from './visitor.ts'
import type { World } from './world.ts'

/** A world that people visit in a browser. */
export interface BrowsedWorld {
  readonly server: ServedWorld
  /** For what is no visit: nothing watches its pages. */
  readonly browser: Browser
  /** Lets somebody visit for the length of one test: they share no tab and no login with another visitor. */
  visit(options?: BrowserContextOptions): Promise<Visitor>
  /** Ends the server, then the world. */
  close(): Promise<void>
}

/** The one browser of this process: it ends with it. What a visitor sees is theirs alone, so files of tests can share it. */
let shared: Promise<Browser> | undefined

/** Starts it with a profile outside the folder for temporary files, which is gone when a file of tests ends. */
async function launchShared(): Promise<Browser> {
  const { TMPDIR } = process.env
  delete process.env['TMPDIR']
  try {
    return await launchBrowser()
  } finally {
    if (TMPDIR !== undefined) process.env['TMPDIR'] = TMPDIR
  }
}

/** Serves a world to a browser; `close` ends more than the world, where there is more. */
export async function browseWorld(world: World, close: () => Promise<void> = () => world.close()): Promise<BrowsedWorld> {
  const browser = await (shared ??= launchShared())
  const server = await serveWorld(world)
  return {
    server,
    browser,
    visit: (options = {}) => visit(browser, server, options),
    close: async () => {
      await server.stop()
      await close()
    },
  }
}
