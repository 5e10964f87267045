import { describe, expect, it } from 'vitest'
import { sandboxPolicySchema } from './isolation.ts'
import { eventData } from './run-event.ts'
import { sayIsolation } from './words.ts'
import { queued } from '../test/events.ts'

describe('the policy of a sandbox', () => {
  it('allows the network and opens no folder when nothing is said', () => {
    expect(sandboxPolicySchema.parse({})).toEqual({ network: 'allow', write: [] })
  })

  it.each(['~/.cache', '/srv/cache', '~/a/b..c', '/...x'])('opens %s', (folder) => {
    expect(sandboxPolicySchema.safeParse({ write: [folder] }).success).toBe(true)
  })

  it.each(['/', '//', '~', '~/', '~//', '~/.', '~/..', '/..', '~/a/..', '/a/../b', '/./', 'cache', './cache', '~ann/cache', ''])('refuses to open %j', (folder) => {
    expect(sandboxPolicySchema.safeParse({ write: [folder] }).success).toBe(false)
  })

  it('is named by a sandboxed run and by no other', () => {
    const policy = { network: 'deny', write: [] } as const
    const schema = eventData['run.queued']
    const { data } = queued()
    expect(schema.safeParse({ ...data, isolation: 'sandbox', sandbox: policy }).success).toBe(true)
    expect(schema.safeParse({ ...data, isolation: 'sandbox' }).success).toBe(false)
    expect(schema.safeParse({ ...data, isolation: 'private', sandbox: policy }).success).toBe(false)
  })

  it('is what the promise tells', () => {
    expect(sayIsolation('sandbox', { network: 'deny', write: [] })).toMatch(/only to its own folders,.*no network\.$/)
    expect(sayIsolation('sandbox', { network: 'allow', write: ['~/.cache'] })).toMatch(/own folders and to ~\/\.cache,.*whatever listens on this machine\.$/)
    expect(sayIsolation('sandbox')).toMatch(/its policy names,.*said in the policy\.$/)
  })
})
