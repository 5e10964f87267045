import type { LaunchCall, LaunchEnd } from './programs.ts'
import type { Output, ProgramCall, StreamEnd } from './stream-program.ts'

/** What is asked of the process that starts programs; what it tells of it bears its number. */
export type Asked = { readonly number: number } & ({ readonly kind: 'run'; readonly call: ProgramCall } | { readonly kind: 'launch'; readonly call: LaunchCall })

/** Outputs are told as they come, piece by piece: nothing large stays with a process that has to stay small. */
export type Told = 'ready' | { readonly number: number; readonly output: Output; readonly piece: Buffer } | { readonly number: number; readonly end: StreamEnd | LaunchEnd }
