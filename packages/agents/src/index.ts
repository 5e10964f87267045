export { demoAgent } from './demo.ts'
export { driveAgent, type Drive, type DriveEnd } from './drive.ts'
export { builtInAgents } from './registry.ts'
export { shellAgent } from './shell.ts'
