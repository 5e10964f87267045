import { packageConfig } from '../../tsup.base.ts'

export default packageConfig(['src/index.ts', 'src/acp/chatty-agent.ts', 'src/acp/lying-agent.ts', 'src/acp/play-recording.ts'])
