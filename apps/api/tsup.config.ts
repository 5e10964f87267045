import { packageConfig } from '../../tsup.base.ts'

export default packageConfig(['src/index.ts', 'src/client-entry.ts', 'src/server-entry.ts', 'src/tools-entry.ts', 'src/supervisor.ts'])
