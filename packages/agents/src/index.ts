export { demoAgent } from './demo.ts'
export { builtInAgents } from './registry.ts'
export { shellAgent } from './shell.ts'
