import { join } from 'node:path'
import { asObject, asText, lookUp, type Json } from '../output/json.ts'
import { serverOf } from '../output/tool-server.ts'
import { emptyFolder, hasAny, settingsFile } from '../profile.ts'
import type { AcpProfile, AcpQuirks } from './profile.ts'

/*
 * The rules of all of them are those of agents that are driven by their lines: the human's own login and settings hold, and where it is to keep what
 * it keeps in the run, and has a variable for that folder, that folder is of the run. Telemetry and updates are off. A
 * provider that takes no more is asked again a few times, for seconds.
 */

/** What holds for most of them, and is taken for granted of one that nobody knows. */
export const usual: Omit<AcpQuirks, 'mode'> = {
  offerFs: false,
  mcpTransport: 'http',
  resume: 'resume',
  rejectEndsTurn: false,
  errorAsText: undefined,
  lastingAllow: true,
  usageScope: 'turn',
  cachedApart: false,
  titleIsCommand: false,
  toolServer: () => undefined,
}

const opencode: AcpProfile = {
  name: 'opencode',
  summary: 'opencode: it asks before it edits or runs something',
  program: 'opencode',
  npm: 'opencode-ai',
  login: 'Log in with: opencode auth login',
  keys: [],
  abilities: { resume: true, permissions: true, usage: 'cost', plan: false, mcp: true },
  // Our tool server is not asked about. The tokens in its answer are those of the last request.
  quirks: { ...usual, mode: { id: 'build', option: 'mode' }, rejectEndsTurn: true, usageScope: 'step', cachedApart: true },
  plan: (launch) => ({
    args: ['acp'],
    env: {
      // Left to itself it edits and runs without asking.
      OPENCODE_CONFIG_CONTENT: JSON.stringify({ autoupdate: false, share: 'disabled', permission: { edit: 'ask', bash: 'ask', webfetch: 'ask', external_directory: 'ask' } }),
      OPENCODE_DB: join(launch.home, 'opencode', 'opencode.db'),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    },
    files: [emptyFolder(join(launch.home, 'opencode'))],
  }),
}

const claude: AcpProfile = {
  name: 'claude',
  summary: 'Claude Code, through its adapter: it asks before it edits or runs something',
  program: 'claude-agent-acp',
  npm: '@agentclientprotocol/claude-agent-acp',
  login: 'Log in with: claude /login, or set ANTHROPIC_API_KEY',
  keys: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
  abilities: { resume: true, permissions: true, usage: 'cost', plan: true, mcp: true },
  quirks: { ...usual, mode: { id: 'default' }, cachedApart: true, toolServer: ({ asked }) => asText(lookUp(asked, '_meta', 'claudeCode', 'mcpServer', 'name')) },
  plan: (launch) => ({
    args: [],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
      CLAUDE_CODE_MAX_RETRIES: '4',
      // Else it tells no plan.
      CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
      ...(launch.keepsOwn ? { CLAUDE_CONFIG_DIR: join(launch.home, 'claude') } : {}),
    },
  }),
}

const codex: AcpProfile = {
  name: 'codex',
  summary: 'OpenAI Codex, through its adapter: works in its own sandbox, and asks before it leaves it',
  program: 'codex-acp',
  npm: '@agentclientprotocol/codex-acp',
  login: 'Log in with: codex login, or set OPENAI_API_KEY',
  keys: ['CODEX_API_KEY', 'OPENAI_API_KEY'],
  abilities: { resume: true, permissions: true, usage: 'tokens', plan: false, mcp: true },
  quirks: {
    ...usual,
    // In `agent`, its own choice, a model decides who leaves the sandbox; in `read-only` commands fail in place of asking.
    mode: { id: 'workspace-write' },
    rejectEndsTurn: true,
    cachedApart: true,
    // What the provider said, as it came, or what it made of it.
    errorAsText: /^(?:\{"(?:error|detail|message)"|unexpected status \d{3}\b|stream disconnected|exceeded retry limit)/i,
    toolServer: ({ announced: { title, isMcp } }) => (isMcp ? /^mcp\.(.+?)\./.exec(title ?? '')?.[1] : undefined),
  },
  plan(launch) {
    const key = codex.keys.find((name) => hasAny(launch.env, [name]))
    // Its sandbox does not start where its folder lies in that of temporary files, so those are moved aside.
    const own = { CODEX_HOME: join(launch.home, 'codex'), TMPDIR: join(launch.home, 'tmp') }
    const provider = { name: 'OpenAI', base_url: launch.env['OPENAI_BASE_URL'] ?? 'https://api.openai.com/v1', env_key: key, wire_api: 'responses' }
    const settings = {
      // No argument of its program chooses a model.
      ...parseSettings(launch.env['CODEX_CONFIG']),
      check_for_update_on_startup: false,
      analytics: { enabled: false },
      feedback: { enabled: false },
      features: { plugins: false, apps: false },
      ...(key === undefined ? {} : { model_provider: 'signalbox-env', model_providers: { 'signalbox-env': provider } }),
    }
    return {
      args: [],
      env: { NO_BROWSER: '1', CODEX_CONFIG: JSON.stringify(settings), ...(launch.keepsOwn ? own : {}) },
      files: launch.keepsOwn ? [own.CODEX_HOME, own.TMPDIR].map(emptyFolder) : [],
    }
  },
}

const copilot: AcpProfile = {
  name: 'copilot',
  summary: 'GitHub Copilot CLI: it asks before it edits or runs something',
  program: 'copilot',
  npm: '@github/copilot',
  login: 'Log in with: copilot login, or set COPILOT_GITHUB_TOKEN',
  keys: ['COPILOT_PROVIDER_API_KEY', 'COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'],
  abilities: { resume: true, permissions: true, usage: 'tokens', plan: false, mcp: true },
  quirks: {
    ...usual,
    mode: { id: 'https://agentclientprotocol.com/protocol/session-modes#agent' },
    resume: 'load',
    rejectEndsTurn: true,
    errorAsText: /^Error: (?:\d{3}\b|Failed to get response from the AI model)/,
    // Announced by its name and its server's; asked about by its name.
    toolServer: ({ announced: { title }, asked }, ours) => (asked['kind'] === 'other' && ours !== '' && title === `${ours}-${asText(asked['title']) ?? ''}` ? ours : undefined),
  },
  plan: (launch) => ({
    args: ['--acp', '--no-remote-export', '--disable-builtin-mcps'],
    env: {
      COPILOT_AUTO_UPDATE: 'false',
      ...(launch.keepsOwn ? { COPILOT_HOME: join(launch.home, 'copilot') } : {}),
    },
  }),
}

const qwen: AcpProfile = {
  name: 'qwen',
  summary: 'Qwen Code: it asks before it edits or runs something',
  program: 'qwen',
  npm: '@qwen-code/qwen-code',
  login: 'Log in by starting qwen once, or set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL',
  keys: ['OPENAI_API_KEY'],
  abilities: { resume: true, permissions: true, usage: 'tokens', plan: false, mcp: true },
  // To remember an answer it writes settings into the checkout.
  quirks: { ...usual, mode: { id: 'default' }, rejectEndsTurn: true, lastingAllow: false, toolServer: ({ asked }) => serverOf(asText(lookUp(asked, '_meta', 'toolName')) ?? '') ?? undefined },
  plan(launch) {
    const settings = settingsFile(launch, 'qwen-defaults.json', {
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      general: { enableAutoUpdate: false },
      ui: { enableFollowupSuggestions: false },
      memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false },
      // Its own first wait is a minute, and nothing is heard of it.
      model: { generationConfig: { maxRetries: 2, retryInitialDelayMs: 2_000, retryMaxDelayMs: 8_000 } },
    })
    return {
      args: ['--acp', ...(hasAny(launch.env, qwen.keys) ? ['--auth-type', 'openai'] : [])],
      env: { QWEN_CODE_SYSTEM_DEFAULTS_PATH: settings.path, ...(launch.keepsOwn ? { QWEN_HOME: join(launch.home, 'qwen') } : {}) },
      files: [settings],
    }
  },
}

const gemini: AcpProfile = {
  name: 'gemini',
  summary: 'Gemini CLI: it asks before it edits or runs something; goes on with no session',
  program: 'gemini',
  npm: '@google/gemini-cli',
  login: 'Log in by starting gemini once, or set GEMINI_API_KEY',
  keys: ['GEMINI_API_KEY'],
  abilities: { resume: false, permissions: true, usage: 'tokens', plan: false, mcp: true },
  quirks: {
    ...usual,
    mode: { id: 'default' },
    // A session that is loaded in the clock minute it was made in is wiped, and is told anew after it was said to be loaded.
    resume: 'none',
    titleIsCommand: true,
    // Its name is in the call's id, which the program makes, and its server's in the title of such a call.
    toolServer: ({ asked }, ours) => (ours !== '' && asText(asked['toolCallId'])?.startsWith(`mcp_${ours}_`) === true && asText(asked['title'])?.endsWith(` (${ours} MCP Server)`) === true ? ours : undefined),
  },
  plan(launch) {
    const home = join(launch.home, 'gemini')
    const quiet = { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false }, general: { enableAutoUpdate: false, maxAttempts: 4 } }
    const login = hasAny(launch.env, gemini.keys) ? { security: { auth: { selectedType: 'gemini-api-key' } } } : {}
    // The human's own settings hold above defaults of the system; in a folder of the run there are no others.
    const settings = settingsFile(launch, launch.keepsOwn ? 'gemini/.gemini/settings.json' : 'gemini-defaults.json', { ...quiet, ...login })
    return {
      args: ['--acp'],
      env: { GEMINI_CLI_TRUST_WORKSPACE: 'true', NO_BROWSER: '1', ...(launch.keepsOwn ? { GEMINI_CLI_HOME: home } : { GEMINI_CLI_SYSTEM_DEFAULTS_PATH: settings.path }) },
      files: [settings],
    }
  },
}

/** Every agent that was seen to work over the protocol. */
export const acpProfiles: readonly AcpProfile[] = [opencode, claude, codex, copilot, qwen, gemini]

/** Returns what the human set by a variable of that agent; what is no JSON is the same as nothing to it, too. */
function parseSettings(text: string | undefined): Json {
  try {
    return asObject(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}
