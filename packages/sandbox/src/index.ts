export { createSandbox, type Confined, type Hindrance, type Sandbox, type SandboxOptions } from './sandbox.ts'
export type { ConfinedCommand } from './view.ts'
