const key = 'token'
const programKey = 'program'

/**
 * The bearer token of this tab. It lives as long as the tab, belongs to this origin with its port, and is in no address,
 * no cookie and no other tab.
 */
export const token = {
  read: (): string | undefined => sessionStorage.getItem(key) ?? undefined,
  keep: (value: string): void => sessionStorage.setItem(key, value),
  forget: (): void => sessionStorage.removeItem(key),
}

/** What starts the program that let this tab in, so that it can say how to get in again; undefined in a tab that never was. */
export const lastProgram = {
  read: (): string | undefined => sessionStorage.getItem(programKey) ?? undefined,
  keep: (name: string): void => sessionStorage.setItem(programKey, name),
}

/** Takes the one-time code out of the address, which is cleaned before anything else can read it; undefined without one. */
export function takeCode(): string | undefined {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1]
  if (code !== undefined) history.replaceState(history.state, '', location.pathname + location.search)
  return code
}
