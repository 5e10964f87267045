/** Where something looks like a credential: offsets of characters, end exclusive. */
export interface SecretPlace {
  /** The service or kind, such as `github` or `private-key`. */
  readonly rule: string
  readonly start: number
  readonly end: number
}

export interface SecretRules {
  /** Changes whenever another set of rules would judge: what was found by one version says nothing of the next. */
  readonly version: string
  /** Finds what looks like a credential, by place, never by value, in the order of the text. Looks no further after `atMost` places. */
  find(text: string, atMost?: number): Promise<readonly SecretPlace[]>
}

/** Of the rules: secretlint's version, which a test holds against the installed one, and a count of changes to our own and to what they are given to read. */
const version = 'secretlint 13.1.0, own 2'

/** Returns the rules; their code is loaded at the first look, for most commands never look. */
export function createSecretRules(): SecretRules {
  return { version, find: async (text, atMost = Number.POSITIVE_INFINITY) => (await import('./find-secrets.ts')).findSecrets(text, atMost) }
}
