/** What a hostile page knows. */
export interface Target {
  readonly url: string
  /** Paths it tries to read. */
  readonly reads: readonly string[]
  readonly writes: readonly { readonly method: string; readonly path: string; readonly body: string }[]
  /** A token that leaked to it; it tries with and without. */
  readonly token: string
}

/** What one attempt brought: bytes that could be read, or `nothing`. */
export interface Attempt {
  readonly how: string
  readonly got: string
}

/** Runs inside a hostile page: tries every way out of its origin that a browser has, and tells what each brought. */
export async function attack({ url, reads, writes, token }: Target): Promise<readonly Attempt[]> {
  const patience = 1_800
  const attempts: Promise<Attempt>[] = []
  const authorized = { authorization: `Bearer ${token}` }
  const attempt = (how: string, act: () => Promise<string>): void => {
    const late = new Promise<string>((resolve) => setTimeout(() => resolve('nothing'), patience))
    attempts.push(Promise.race([act().catch(() => 'nothing'), late]).then((got) => ({ how, got: got === '' ? 'nothing' : got })))
  }
  const settled = (element: HTMLElement, good: () => string): Promise<string> =>
    new Promise((resolve) => {
      element.addEventListener('load', () => resolve(good()))
      element.addEventListener('error', () => resolve('nothing'))
      document.body.append(element)
    })
  const make = <K extends keyof HTMLElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>>): HTMLElementTagNameMap[K] => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    return element
  }

  for (const path of reads) {
    for (const mode of ['cors', 'no-cors'] as const) {
      for (const credentials of ['include', 'omit'] as const) {
        attempt(`${mode} fetch of ${path}, ${credentials}`, async () => (await fetch(url + path, { mode, credentials })).text())
      }
    }
    attempt(`fetch of ${path} with a token`, async () => (await fetch(url + path, { headers: authorized })).text())
    attempt(`event source of ${path}`, () => new Promise((resolve) => {
      const source = new EventSource(url + path)
      source.addEventListener('message', (event) => resolve(String(event.data)))
      source.addEventListener('open', () => resolve('open'))
      source.addEventListener('error', () => resolve('nothing'))
    }))
    attempt(`socket to ${path}`, () => new Promise((resolve) => {
      const socket = new WebSocket(url.replace('http', 'ws') + path)
      socket.addEventListener('open', () => resolve('open'))
      socket.addEventListener('error', () => resolve('nothing'))
    }))
    attempt(`script ${path}`, () => settled(make('script', { src: url + path }), () => 'ran'))
    attempt(`module ${path}`, async () => Object.keys(await import(url + path)).join(' '))
    attempt(`image ${path}`, () => settled(make('img', { src: url + path }), () => 'shown'))
    attempt(`style ${path}`, async () => {
      const link = make('link', { rel: 'stylesheet', href: url + path })
      return settled(link, () => (link.sheet === null ? 'nothing' : String(link.sheet.cssRules.length)))
    })
    attempt(`frame of ${path}`, async () => {
      const frame = make('iframe', { src: url + path })
      return settled(frame, () => frame.contentDocument?.body.textContent ?? 'nothing')
    })
    attempt(`object ${path}`, async () => {
      const object = make('object', { data: url + path })
      return settled(object, () => object.contentDocument?.body.textContent ?? 'nothing')
    })
    attempt(`window at ${path}`, async () => {
      const opened = window.open(url + path)
      if (opened === null) return 'nothing'
      const isThere = (): boolean => opened.closed || opened.location.href !== 'about:blank'
      try {
        // Once it is elsewhere, looking throws.
        while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 50))
        return opened.closed ? 'nothing' : `${opened.location.href} ${opened.document.body.textContent}`
      } catch {
        return 'nothing'
      }
    })
  }

  for (const { method, path, body } of writes) {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      attempt(`${method} ${path} as ${type}`, async () => (await fetch(url + path, { method, body, credentials: 'include', headers: { 'content-type': type } })).text())
      attempt(`${method} ${path} as ${type} with a token`, async () => (await fetch(url + path, { method, body, headers: { ...authorized, 'content-type': type } })).text())
    }
    attempt(`blind ${method} ${path}`, async () => (await fetch(url + path, { method, body, mode: 'no-cors', credentials: 'include' })).text())
    attempt(`bare ${method} ${path}`, async () => (await fetch(url + path, { method: 'POST', mode: 'no-cors', credentials: 'include' })).text())
    attempt(`overridden ${method} ${path}`, async () => (await fetch(`${url}${path}?_method=${method}`, { method: 'POST', body, credentials: 'include', headers: { ...authorized, 'x-http-method-override': method } })).text())
    attempt(`beacon to ${path}`, async () => {
      navigator.sendBeacon(url + path, body)
      return 'nothing'
    })
    for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      attempt(`${enctype} form to ${path}`, async () => {
        const frame = make('iframe', { name: `${enctype} ${method} ${path}` })
        const form = make('form', { action: url + path, method: 'post', enctype, target: frame.name })
        // Sent as text/plain this is the JSON itself.
        form.append(make('input', { name: body.slice(0, -1), value: '"}' }))
        document.body.append(frame, form)
        form.submit()
        return new Promise((resolve) => frame.addEventListener('load', () => resolve(frame.contentDocument?.body.textContent ?? 'nothing')))
      })
    }
  }
  return Promise.all(attempts)
}
