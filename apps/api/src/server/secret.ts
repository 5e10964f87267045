import { hash, randomBytes } from 'node:crypto'

/** What a secret of ours looks like: 256 random bits in base64url. */
export const secretPattern = /^[\w-]{43}$/

/** Returns a fresh secret of 256 random bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Returns the name a secret is kept under. Whoever reads it, or the time a search for it takes, learns nothing about the secret. */
export function nameOfSecret(secret: string): string {
  return hash('sha256', secret)
}
