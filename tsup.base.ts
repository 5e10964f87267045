import { defineConfig } from 'tsup'

/** What every package builds the same way: ESM JavaScript only; `tsc` writes the types. */
const shared = { format: ['esm'], target: 'node22', platform: 'node', dts: false, clean: true, sourcemap: true } as const

type Options = Exclude<Parameters<typeof defineConfig>[0], ((...args: never[]) => unknown) | readonly unknown[]>

/** Returns the tsup configuration of one package, given its entry files. */
export function packageConfig(entry: string[], options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({ ...shared, format: ['esm'], entry, ...options })
}
