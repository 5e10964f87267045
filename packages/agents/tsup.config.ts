import { packageConfig } from '../../tsup.base.ts'

// The demo agent is a program of its own, started by path.
export default packageConfig(['src/index.ts', 'src/demo-agent.ts'])
