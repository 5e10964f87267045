export { programsHere, type LaunchCall, type LaunchEnd, type ProgramEnd, type Programs, type RunProgram } from './programs.ts'
export { createStarter, type Starter } from './starter.ts'
export type { ProgramCall, ProgramFailure } from './stream-program.ts'
