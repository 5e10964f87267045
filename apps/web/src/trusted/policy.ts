interface Policy {
  createHTML(html: string): string
  createScriptURL(url: string): string
}

interface PolicyFactory {
  createPolicy(name: string, rules: Policy): Policy
}

declare global {
  interface Window {
    /** Absent where the browser does not know Trusted Types; there the rules below are all there is. */
    readonly trustedTypes?: PolicyFactory
  }
}

const rules: Policy = {
  // Only templates compiled into our scripts come here; text from records, agents and repositories never does.
  createHTML: (html) => html,
  createScriptURL: (url) => {
    if (new URL(url, location.origin).origin === location.origin && url.startsWith('/assets/')) return url
    throw new TypeError(`${url} is not a script of ours`)
  },
}

/** The one policy the server allows, by this name and only once: whoever asks for it later is refused by the browser. */
const policy = window.trustedTypes?.createPolicy('built', rules) ?? rules

/** Returns HTML that was compiled into our scripts, in the form the browser lets into a template. */
export function trustTemplate(html: string): string {
  return policy.createHTML(html)
}

/** Starts one of our own workers; `url` is what the bundler says of it (`import url from './x.worker.ts?worker&url'`). */
export function startWorker(url: string): Worker {
  return new Worker(policy.createScriptURL(url), { type: 'module' })
}
