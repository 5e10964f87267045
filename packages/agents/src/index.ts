export type { Agent, AgentCommand, Launch } from '@signalbox/core'
export { demoAgent } from './demo.ts'
export { builtInAgents } from './registry.ts'
export { shellAgent } from './shell.ts'
