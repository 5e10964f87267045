import type { LoggedEvent, RunId } from '@signalbox/core'

const encoder = new TextEncoder()

/** Returns the bytes of some frames, ready for any number of connections. */
export function encodeFrames(frames: readonly string[]): Uint8Array {
  return encoder.encode(frames.join(''))
}

/** One frame of the default event type. JSON has no line break of its own, so that one `data:` line is enough. */
export function eventFrame(id: string, json: string): string {
  return `id: ${id}\ndata: ${json}\n\n`
}

/** Says in what id a fresh stream begins, so that a reconnect before the first event resumes too. */
export function startFrame(id: string): string {
  return `: following\nid: ${id}\n\n`
}

/** Says that something may have been missed: whoever gets it reads everything anew. */
export function resetFrame(id: string): string {
  return `event: reset\nid: ${id}\ndata: {}\n\n`
}

/** Says how long a transcript is by now. It has no id: only the newest length counts. */
export function transcriptFrame(run: RunId, bytes: number): string {
  return `event: transcript\ndata: ${JSON.stringify({ run, bytes })}\n\n`
}

/** Returns the frame of an event in the stream of its own run, whose ids are `seq`. */
export function runFrame(event: LoggedEvent): string {
  return eventFrame(String(event.seq), JSON.stringify(event))
}

/** A comment that keeps proxies and half-open connections honest. */
export const pingFrame = ': ping\n\n'
