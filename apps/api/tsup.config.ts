import { packageConfig } from '../../tsup.base.ts'

export default packageConfig(['src/index.ts', 'src/client-entry.ts', 'src/server-entry.ts', 'src/supervisor.ts'])
