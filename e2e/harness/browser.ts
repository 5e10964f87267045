import { chromium, type Browser } from 'playwright-core'
import { findChromium } from './chromium.ts'

/** Names that lead to this machine in the browser of the tests, as a name server of somebody hostile could have it. */
export const foreignHost = 'elsewhere.example'

/** Starts the browser of one test file, with no profile and no cache of anybody's. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, args, env } = await findChromium()
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const launch = (): Promise<Browser> =>
    chromium.launch({
      executablePath,
      args: [...args, `--host-resolver-rules=MAP ${foreignHost} 127.0.0.1`],
      env: { ...inherited, ...env },
    })
  // Once in about a hundred starts it crashes before it has a window (seen with 153.0.0); what it says the second time counts.
  return launch().catch(launch)
}

/** A tab of it, for scripts that do not know the driver. */
export type { Page } from 'playwright-core'
