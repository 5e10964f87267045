import { packageConfig } from '../../tsup.base.ts'

// dugite wraps the installed git. It is bundled because its install script downloads a git of its own, which
// nobody who installs this package should have to allow; it is CommonJS inside, hence the `require`.
export default packageConfig(['src/index.ts'], {
  noExternal: ['dugite'],
  shims: true,
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
})
