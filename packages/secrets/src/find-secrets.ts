import { lintSource } from '@secretlint/core'
import { secretLintProfiler } from '@secretlint/profiler'
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import { ownRules } from './own-rules.ts'
import type { SecretPlace } from './secret-rules.ts'

// It would keep marks of every look for as long as the process lives.
secretLintProfiler.setEnabled(false)

const prefix = '@secretlint/secretlint-rule-'

/** Comments that switch rules off are not heeded: whoever adds a credential could add one. */
const unheeded = 'filter-comments'

/** The recommended rules; ids of access keys as well, for they name the account that a key beside them opens. */
const config = {
  rules: rules.flatMap((rule) => (rule.meta.id === prefix + unheeded ? [] : [{ id: rule.meta.id, rule, options: rule.meta.id === `${prefix}aws` ? { enableIDScanRule: true } : {} }])),
}

/**
 * Characters that are looked through at once, and of those, how many once more with the next ones. The time the rules take
 * grows with the square of what they find, and the longest credential, a private key, has some 10,000.
 */
const [windowSize, overlap] = [64 * 1024, 16 * 1024]

/** Returns the first places in a text that look like a credential, in the order of the text. */
export async function findSecrets(text: string, atMost: number): Promise<readonly SecretPlace[]> {
  const places = new Map<string, SecretPlace>()
  for (let from = 0; ; from += windowSize - overlap) {
    for (const { rule, start, end } of await findInWindow(text.slice(from, from + windowSize))) {
      if (places.size < atMost) places.set(`${rule} ${from + start}`, { rule, start: from + start, end: from + end })
    }
    if (places.size >= atMost || from + windowSize >= text.length) return [...places.values()].toSorted((a, b) => a.start - b.start)
  }
}

async function findInWindow(text: string): Promise<readonly SecretPlace[]> {
  // The rules get no name of a file: it is the agent's, and some of them would read what lies there.
  const { messages } = await lintSource({ source: { filePath: 'text', content: text, ext: '', contentType: 'text' }, options: { config, noPhysicFilePath: true } })
  // Messages of the rules quote what they found and go no further than this.
  const found = messages.map(({ ruleId, range: [start, end] }) => ({ rule: ruleId.replace(prefix, ''), start, end }))
  return [...found, ...findOwn(text)].toSorted((a, b) => a.start - b.start)
}

function findOwn(text: string): readonly SecretPlace[] {
  return Object.entries(ownRules).flatMap(([rule, pattern]) => [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({ rule, start: index, end: index + length })))
}
