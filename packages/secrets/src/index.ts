export { createSecretRules, type SecretPlace, type SecretRules } from './secret-rules.ts'
