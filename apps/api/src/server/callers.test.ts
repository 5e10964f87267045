import type { IncomingMessage } from 'node:http'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecognise } from './callers.ts'

const port = 4711
const connections = [{ localPort: port }, { localPort: port + 1 }] as const

const host = ['host', `127.0.0.1:${port}`] as const
const site = (value: string) => ['sec-fetch-site', value] as const

/** Few, so that they come again: some pass always, some never, some for some methods and paths. */
const headers = fc.constantFrom<readonly (readonly [string, string])[]>(
  [host, ['authorization', 'Bearer one']],
  [host, ['authorization', 'Bearer two']],
  [host, ['authorization', 'Bearer one'], ['authorization', 'Bearer two']],
  [host, ['authorization', 'Bearer one'], site('same-origin')],
  [host, site('none')],
  [host, site('cross-site'), ['sec-fetch-dest', 'document']],
  [host, ['content-length', '2'], ['content-type', 'application/json']],
  [host, ['content-length', '0']],
  [host],
  [['host', 'evil.example'], ['authorization', 'Bearer one']],
)

const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT'),
  url: fc.constantFrom('/api/tasks', '/api/runs?x', '/', '/assets/a.js', '/api/../x', '//api/tasks', '/api/%2e%2e/x', '/apis'),
  socket: fc.constantFrom(...connections),
  rawHeaders: headers.map((pairs) => pairs.flat()),
})

test('a caller that is known is judged like a stranger with the same request', () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 2, maxLength: 30 }), (requests) => {
      const recognise = createRecognise()
      for (const one of [...requests, ...requests]) {
        // As node makes them: new arrays with each request.
        const asked = { ...one, rawHeaders: [...one.rawHeaders] } as unknown as IncomingMessage
        const found = recognise(asked)
        const fresh = createRecognise()(asked)
        if ('status' in fresh) expect(found).toEqual(fresh)
        else expect(found).toMatchObject({ token: fresh.token })
      }
    }),
    { numRuns: 500 },
  )
})
