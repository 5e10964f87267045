import type { BrowserContext, Page } from 'playwright-core'

/** Name of the function that hostile text tries to call. */
export const canary = 'canary'

/**
 * Tells of everything that must not happen on a page: errors and warnings on the console, uncaught errors, reports of the
 * content security policy, dialogs, failed requests, requests to anywhere but `origin`, and calls of the canary.
 */
export async function watchPages(context: BrowserContext, origin: string, told: (fault: string) => void): Promise<void> {
  await context.exposeBinding('tellFault', (_source, fault: string) => told(fault))
  await context.addInitScript(watchInside, canary)
  context.on('page', (page) => watchPage(page, origin, told))
}

function watchPage(page: Page, origin: string, told: (fault: string) => void): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) told(`console: ${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => told(`uncaught: ${String(error.stack ?? error)}`))
  page.on('crash', () => told('the page crashed'))
  page.on('dialog', (dialog) => {
    told(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch(() => {}) // The page is gone already.
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin !== origin && url.protocol !== 'data:') told(`request to ${request.url()}`)
  })
  page.on('requestfailed', (request) => {
    const because = request.failure()?.errorText ?? 'no reason'
    // What a page does not wait for any more when it is left, it takes back.
    if (because !== 'net::ERR_ABORTED') told(`request failed: ${request.method()} ${request.url()}: ${because}`)
  })
}

/** Runs in every page before its own scripts. */
function watchInside(name: string): void {
  const tell = (fault: string): void => {
    const binding: unknown = Reflect.get(window, 'tellFault')
    if (typeof binding === 'function') binding(fault)
  }
  const call = (which: unknown): void => tell(`executed: ${String(which)}`)
  Object.defineProperty(window, name, { value: call })
  for (const known of ['alert', 'confirm', 'prompt', 'print']) Object.defineProperty(window, known, { value: call })
  document.addEventListener('securitypolicyviolation', (report) => tell(`policy: ${report.violatedDirective} of ${report.blockedURI} ${report.sample} (${report.sourceFile}:${report.lineNumber})`))
}
