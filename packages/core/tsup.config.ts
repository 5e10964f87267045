import { packageConfig } from '../../tsup.base.ts'

// Errors, amounts and the words of a kind are entries of their own: a page can use them without bringing the schema library along.
export default packageConfig(['src/index.ts', 'src/errors.ts', 'src/amounts.ts', 'src/words.ts', 'src/event-words.ts'])
