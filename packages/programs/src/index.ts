export { programsHere, type LaunchCall, type LaunchEnd, type ProgramEnd, type Programs, type RunProgram } from './programs.ts'
export { createStarter, type Starter } from './starter.ts'
export { streamProgram, type Output, type ProgramCall, type ProgramFailure, type StreamEnd, type ToldPiece } from './stream-program.ts'
