/** What `Headers` can be made from here: an object of names and values, pairs, or other headers. */
type Given = Readonly<Record<string, string>> | Iterable<readonly [string, string]>

/** Header fields of one message, one value a name; what is asked for and set may be written in any case. */
class Headers extends Map<string, string> {
  constructor(given: Given = {}) {
    super()
    for (const [name, value] of isIterable(given) ? given : Object.entries(given)) this.set(name, value)
  }

  override get(name: string): string | undefined {
    return super.get(name.toLowerCase())
  }

  override set(name: string, value: string): this {
    return super.set(name.toLowerCase(), value)
  }
}

interface Message {
  readonly headers?: Given
}

/** What both directions carry: fields, and text that is read once. */
class Body {
  readonly headers: Headers
  readonly #text: string

  constructor(text: string | null | undefined, { headers }: Message) {
    this.headers = new Headers(headers)
    this.#text = text ?? ''
  }

  async text(): Promise<string> {
    return this.#text
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#text)
  }
}

class Request extends Body {
  readonly url: string
  readonly method: string

  constructor(url: string, init: Message & { readonly method?: string; readonly body?: string } = {}) {
    super(init.body, init)
    this.url = new URL(url).href
    this.method = init.method ?? 'GET'
  }
}

class Response extends Body {
  readonly status: number
  readonly ok: boolean

  constructor(text?: string | null, init: Message & { readonly status?: number } = {}) {
    super(text, init)
    this.status = init.status ?? 200
    this.ok = this.status >= 200 && this.status < 300
  }
}

/**
 * Puts stand-ins in place of the platform's classes of `fetch`, for a process that asks an app in the same process and
 * sends nothing. Loading the platform's costs a quarter of a short command, for sockets, streams and caches that no
 * command needs; these do what a JSON call in process takes, and no more.
 */
export function useSmallFetchClasses(): void {
  Object.assign(globalThis, { Headers, Request, Response })
}

function isIterable(given: Given): given is Iterable<readonly [string, string]> {
  return Symbol.iterator in given
}
