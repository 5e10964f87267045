import { build, type BuildFailure } from 'esbuild'

/** Where bundled files may come from: our own source and the schema library. */
const welcome = [/^src\//, /(^|\/)node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?zod\//]

/** The outcome of bundling one entry file for a browser. */
export interface BrowserBundle {
  readonly bytes: number
  /** Sentences that say why this is not a pure package; empty means it is. */
  readonly problems: readonly string[]
}

/** Bundles `src/index.ts` of a package folder for a browser, writing nothing. */
export async function bundleForBrowser(folder: string): Promise<BrowserBundle> {
  try {
    const options = { bundle: true, platform: 'browser', format: 'esm', minify: true, write: false, metafile: true, logLevel: 'silent' } as const
    const { metafile, outputFiles } = await build({ ...options, entryPoints: ['src/index.ts'], absWorkingDir: folder })
    const strangers = Object.keys(metafile.inputs).filter((path) => !welcome.some((pattern) => pattern.test(path)))
    return {
      bytes: outputFiles.reduce((sum, file) => sum + file.contents.length, 0),
      problems: strangers.map((path) => `${path} would be bundled`),
    }
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    return { bytes: 0, problems: error.errors.map(({ text, location }) => `${location?.file ?? 'src/index.ts'}: ${text}`) }
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}
