// What a page may load: nothing here, nor below it, needs Node or the schema library.
export { ControlError, codeOf, hasCode, messageOf, type ErrorCode } from '@signalbox/core/errors'
export { createClient, type ClientOptions } from './client.ts'
export type { Fetch } from './client-call.ts'
export { createLiveClient, type FollowOptions, type LiveClient } from './live-client.ts'
export type { LiveSignal } from './live-signal.ts'
