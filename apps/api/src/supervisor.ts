import module from 'node:module'
import { join } from 'node:path'

// The program that owns one run: `node supervisor.js MEMORY RUN`. Compiling is most of its start, so what Node compiled is
// kept beside the built code; where that may not be written, Node goes on without.
module.enableCompileCache(join(import.meta.dirname, '../dist/compiled'))
await import('./supervisor/own-run.ts')
