import { packageConfig } from '../../tsup.base.ts'

// The errors are an entry of their own: a page can throw and read them without bringing the schema library along.
export default packageConfig(['src/index.ts', 'src/errors.ts'])
