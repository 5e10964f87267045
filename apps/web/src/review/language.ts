/** Languages that are coloured: file name endings for each. The grammars are in `grammars.ts`. */
const endings = {
  c: 'c h cc cpp cxx hpp hh ino',
  csharp: 'cs',
  css: 'css',
  docker: 'dockerfile',
  elixir: 'ex exs',
  go: 'go',
  graphql: 'graphql gql',
  html: 'html htm',
  ini: 'ini cfg conf properties',
  java: 'java',
  javascript: 'js mjs cjs jsx',
  json: 'json jsonc json5 webmanifest',
  kotlin: 'kt kts',
  lua: 'lua',
  make: 'makefile mk',
  markdown: 'md markdown mdx',
  php: 'php',
  proto: 'proto',
  python: 'py pyi',
  ruby: 'rb rake gemspec gemfile rakefile',
  rust: 'rs',
  scss: 'scss',
  shellscript: 'sh bash zsh',
  sql: 'sql',
  svelte: 'svelte',
  swift: 'swift',
  terraform: 'tf tfvars hcl',
  toml: 'toml',
  tsx: 'tsx',
  typescript: 'ts mts cts',
  vue: 'vue',
  xml: 'xml svg xsd plist',
  yaml: 'yaml yml',
} as const

export type Language = keyof typeof endings

const byEnding = new Map(Object.entries(endings).flatMap(([language, list]) => list.split(' ').map((ending) => [ending, language as Language])))

/** Returns the language of a file by its name: what follows the last dot, or the whole name; undefined when it is not coloured. */
export function languageOf(path: string): Language | undefined {
  return byEnding.get(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('.')) + 1).toLowerCase())
}
