import type { LaunchCall, LaunchEnd, ProgramCall, ProgramEnd } from './programs.ts'

/** What is asked of the process that starts programs; answers bear its number. */
export type Asked = { readonly number: number } & ({ readonly kind: 'run'; readonly call: ProgramCall } | { readonly kind: 'launch'; readonly call: LaunchCall })

export type Answered = 'ready' | { readonly number: number; readonly end: ProgramEnd | LaunchEnd }
