export { createAgentApp, type AgentPlane } from './agent-app.ts'
export { createApp, type App, type Plane } from './app.ts'
export { createClient, type ClientOptions } from './client.ts'
export type { Fetch } from './client-call.ts'
export { createControlPlane, findMemory, initMemory, listAgents, type ControlPlane, type ControlPlaneOptions } from './compose.ts'
export { errorEnvelopeSchema, type ErrorEnvelope } from './error-envelope.ts'
export {
  createLaunchPage,
  createLink,
  createToken,
  findServer,
  serveMemory,
  serverLogOf,
  stopServer,
  type Link,
  type ServeMemoryOptions,
  type ServerPlace,
} from './compose/serve-memory.ts'
export type { Announcement } from './server/instance.ts'
export type { RunningServer } from './server/serve.ts'
export type { WebFile, WebFiles } from './server/static-files.ts'
export { stopRuns } from './server/stop-runs.ts'
