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
