export { serveToolsOverStdio } from './compose/serve-tools.ts'
