import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { acpProfiles } from '../../src/acp/profiles.ts'
import { builtInAgents } from '../../src/registry.ts'

/** How one real agent is installed, and told of the scripted model. */
export interface RealAgent {
  readonly name: string
  /** How it is talked to: by the lines it writes, or over the Agent Client Protocol. */
  readonly way: 'lines' | 'acp'
  /** Name of its program on PATH. */
  readonly command: string
  /** Package and version that were tried. */
  readonly pinned: string
  /** Its program, from `node_modules`: installed without scripts, two start files are stubs beside the program itself. */
  readonly program: string
  /** Arguments that choose the scripted model. */
  readonly argv: readonly string[]
  /** The variables a human would have set for a provider of their own. Keys are long and odd: one agent blanks its key out wherever it occurs. */
  env(url: string, human: string): Readonly<Record<string, string>>
}

const platform = `${process.platform}-${process.arch}`
const key = 'scripted-key-7f3a91c2'

/** Every agent that can be driven by its lines. */
const byLines: readonly Omit<RealAgent, 'way' | 'command'>[] = [
  {
    name: 'claude',
    pinned: '@anthropic-ai/claude-code@2.1.330',
    program: `@anthropic-ai/claude-code-${platform}/claude`,
    argv: [],
    env: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key, ENABLE_TOOL_SEARCH: 'false' }),
  },
  {
    name: 'codex',
    pinned: '@openai/codex@0.169.0',
    program: '.bin/codex',
    // Most models it knows by name are offered no plain tools.
    argv: ['-m', 'gpt-5.5'],
    env: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key }),
  },
  {
    name: 'opencode',
    pinned: 'opencode-ai@1.18.33',
    program: `opencode-${platform}/bin/opencode`,
    argv: [],
    env(url, human) {
      const models = { scripted: { name: 'Scripted', limit: { context: 100_000, output: 8_000 }, cost: { input: 1, output: 2 } } }
      const provider = { scripted: { npm: '@ai-sdk/openai-compatible', name: 'Scripted', options: { baseURL: `${url}/v1`, apiKey: key }, models } }
      const settings = { model: 'scripted/scripted', small_model: 'scripted/scripted', enabled_providers: ['scripted'], provider }
      return { OPENCODE_CONFIG: file(human, 'opencode.json', settings), OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1' }
    },
  },
  {
    name: 'gemini',
    pinned: '@google/gemini-cli@0.61.0',
    program: '.bin/gemini',
    // Else a router asks first which model is to answer.
    argv: ['-m', 'gemini-2.5-flash'],
    env: (url) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key }),
  },
  {
    name: 'qwen',
    pinned: '@qwen-code/qwen-code@0.24.4',
    program: '.bin/qwen',
    argv: [],
    env: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: 'scripted' }),
  },
  {
    name: 'copilot',
    pinned: '@github/copilot@1.0.102',
    program: '.bin/copilot',
    argv: [],
    // It unpacks 235 MB into its cache.
    env: (url) => ({ COPILOT_PROVIDER_BASE_URL: `${url}/v1`, COPILOT_PROVIDER_API_KEY: key, COPILOT_MODEL: 'scripted', COPILOT_OFFLINE: 'true', XDG_CACHE_HOME: join(cache, 'cache') }),
  },
  {
    name: 'pi',
    pinned: '@earendil-works/pi-coding-agent@0.87.1',
    program: '.bin/pi',
    argv: ['--provider', 'scripted', '--model', 'scripted'],
    env(url, human) {
      const model = { id: 'scripted', name: 'Scripted', reasoning: false, input: ['text'], contextWindow: 100_000, maxTokens: 8_000, cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 } }
      file(human, 'pi/models.json', { providers: { scripted: { baseUrl: `${url}/v1`, apiKey: key, api: 'openai-completions', models: [model] } } })
      return { PI_CODING_AGENT_DIR: join(human, 'pi'), PI_OFFLINE: '1' }
    },
  },
]

/** What those need that speak the protocol through an adapter. */
const adapters: Readonly<Record<string, Partial<RealAgent>>> = {
  claude: { pinned: '@agentclientprotocol/claude-agent-acp@0.101.0', program: '.bin/claude-agent-acp' },
  codex: {
    pinned: '@agentclientprotocol/codex-acp@2.6.0',
    program: '.bin/codex-acp',
    argv: [],
    env: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key, CODEX_CONFIG: '{"model":"gpt-5.5"}' }),
  },
}

/** Every agent, and every way it is talked to. */
export const realAgents: readonly RealAgent[] = [
  ...byLines.map((real) => ({ ...real, name: registered(real.name, 'headless'), way: 'lines' as const, command: real.name })),
  ...acpProfiles.flatMap(({ name, program }) =>
    byLines.filter((real) => real.name === name).map((real) => ({ ...real, ...adapters[name], name: registered(name, 'acp'), way: 'acp' as const, command: program })),
  ),
]

/** Returns the name under which a run is started that way: the plain one, but where that is the other way. */
function registered(name: string, way: 'headless' | 'acp'): string {
  const other = `${name}-${way}`
  return builtInAgents().some((agent) => agent.name === other) ? other : name
}

/** Where the agents are installed: some 2 GB, outside everything that is tracked. */
const cache = join(import.meta.dirname, '../../../../.toolchain/agents')

/** Installs the agents that are not there in their pinned version, and returns the folder that goes on PATH. */
export function installAgents(agents: readonly RealAgent[]): string {
  mkdirSync(cache, { recursive: true })
  const missing = agents.filter((agent) => !isInstalled(agent)).map(({ pinned }) => pinned)
  if (missing.length > 0) {
    console.log(`Installing ${missing.join(', ')} …`)
    file(cache, 'package.json', { private: true, ...readManifest(join(cache, 'package.json')) })
    // Native programs come as packages of their own, so no install script has to run.
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...new Set(missing)], { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const bin = join(cache, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const { command, program } of agents) if (!existsSync(join(bin, command))) symlinkSync(join(cache, 'node_modules', program), join(bin, command))
  return bin
}

function isInstalled({ pinned, program }: RealAgent): boolean {
  const at = pinned.lastIndexOf('@')
  return existsSync(join(cache, 'node_modules', program)) && readManifest(join(cache, 'node_modules', pinned.slice(0, at), 'package.json'))['version'] === pinned.slice(at + 1)
}

function readManifest(path: string): Readonly<Record<string, unknown>> {
  const value: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function file(folder: string, name: string, value: unknown): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(value, null, 2))
  return path
}
