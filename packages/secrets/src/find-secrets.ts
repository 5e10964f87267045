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

/** Returns every place in a text that looks like a credential, in the order of the text. */
export async function findSecrets(text: string): Promise<readonly SecretPlace[]> {
  // The rules get no name of a file: it is the agent's, and some of them would read what lies there.
  const { messages } = await lintSource({ source: { filePath: 'text', content: text, ext: '', contentType: 'text' }, options: { config, noPhysicFilePath: true } })
  // Messages of the rules quote what they found and go no further than this.
  const found = messages.map(({ ruleId, range: [start, end] }) => ({ rule: ruleId.replace(prefix, ''), start, end }))
  return [...found, ...findOwn(text)].toSorted((a, b) => a.start - b.start)
}

function findOwn(text: string): readonly SecretPlace[] {
  return Object.entries(ownRules).flatMap(([rule, pattern]) => [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({ rule, start: index, end: index + length })))
}
