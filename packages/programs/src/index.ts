export { programsHere, type LaunchCall, type LaunchEnd, type ProgramCall, type ProgramEnd, type Programs, type RunProgram } from './programs.ts'
export { createStarter, type Starter } from './starter.ts'
