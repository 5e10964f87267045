import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import solid from 'vite-plugin-solid'
import { collectLicences } from './licences.ts'

/** Our own door to Solid's runtime, which makes templates through a Trusted Types policy. */
const trustedDom = join(import.meta.dirname, 'src/trusted/dom.ts')

/** Sends every import of Solid's runtime, of compiled libraries too, through our door: nothing else may set HTML. */
function trustTemplates(): Plugin {
  return {
    name: 'trust-templates',
    enforce: 'pre',
    resolveId: (source, importer) => (source === 'solid-js/web' && importer !== trustedDom ? trustedDom : undefined),
  }
}

/** Has the Markdown parser look names such as `&amp;` up in its table: what it does in browsers needs a document, and workers have none. */
function parseWithoutDocument(): Plugin {
  return {
    name: 'parse-without-document',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source !== 'decode-named-character-reference') return undefined
      const found = await this.resolve(source, importer, { skipSelf: true })
      return found === null ? undefined : found.id.replace(/index\.dom\.js$/, 'index.js')
    },
  }
}

const licences = collectLicences()

export default defineConfig({
  plugins: [trustTemplates(), solid(), licences.note(), licences.write(join(import.meta.dirname, 'dist/LICENCES.txt'))],
  build: {
    outDir: 'dist/client',
    target: 'es2022',
    manifest: true,
    // What asks for a script or a style by data: URL is refused by the policy the pages are served with.
    assetsInlineLimit: 0,
    // One small style sheet, and no list of what each page needs: over loopback, asking later costs less than the lists.
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
  },
  worker: { format: 'es', plugins: () => [parseWithoutDocument(), licences.note()] },
})
