import { randomBytes } from 'node:crypto'

/** What a token of our tool server looks like, wherever it stands: it is hidden before anything of a run is kept. */
export const toolTokenShape = /\bsbxt_[A-Za-z0-9_-]{43}/g

/** Returns a fresh token of 256 random bits. */
export function newToolToken(): string {
  return `sbxt_${randomBytes(32).toString('base64url')}`
}
