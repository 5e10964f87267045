import { packageConfig } from '../../tsup.base.ts'

// The process that starts programs is a file of its own, started by path.
export default packageConfig(['src/index.ts', 'src/starter-process.ts'])
