import { packageConfig } from '../../tsup.base.ts'
import { copyPages } from './copy-pages.ts'
import { collectLicences } from './licences.ts'

// One bundle, with everything in it but the database, which is native: a short command spends its time on finding and
// compiling hundreds of small modules. The supervisor, the demo agent and what starts programs for a server are programs of their own, started by path.
export default packageConfig([], {
  entry: { main: 'src/main.ts', supervisor: '../api/dist/supervisor.js', 'demo-agent': '../../packages/agents/dist/demo-agent.js', 'starter-process': '../../packages/programs/dist/starter-process.js' },
  noExternal: [/^(?!better-sqlite3)/],
  minifySyntax: true,
  minifyWhitespace: true,
  banner: { js: "import { createRequire as __requireOf } from 'node:module'; const require = __requireOf(import.meta.url);" },
  esbuildPlugins: [collectLicences('dist/LICENCES.txt'), copyPages('../web/dist/client', 'dist/client')],
})
