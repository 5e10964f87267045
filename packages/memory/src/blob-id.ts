import { createHash } from 'node:crypto'

/** Returns the ids git gives a file of these bytes, in both of its object formats. */
export function blobIdsOf(bytes: Uint8Array): readonly string[] {
  return ['sha1', 'sha256'].map((algorithm) => createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex'))
}

/** Returns the bytes as git stores them where it converts line ends. */
export function withLineFeeds(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  return text.includes('\r\n') ? Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1') : bytes
}
