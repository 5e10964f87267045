import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Launch } from '@signalbox/core'
import { emptyFolder, hasAny, settingsFile } from '../profile.ts'
import { claudeInterrupt, claudeOpening, createClaudeParser } from './parse-claude.ts'
import { createCodexParser } from './parse-codex.ts'
import { createCopilotParser } from './parse-copilot.ts'
import { createGeminiParser } from './parse-gemini.ts'
import { createOpencodeParser } from './parse-opencode.ts'
import { createPiParser } from './parse-pi.ts'
import type { HeadlessPlan, HeadlessProfile } from './profile.ts'

/*
 * The rules of all of them:
 * - The mode is always set, never one in which a model grants itself permissions. Without a way to ask, an agent edits and
 *   runs no commands, unless the human says so; Codex runs them in its own sandbox.
 * - The human's own login and settings hold. Where it is to keep what it keeps in the run, and has a variable for that
 *   folder, that folder is of the run.
 * - A provider that takes no more is asked again a few times, for seconds: to wait for longer is for whoever runs the agent.
 * - Telemetry and updates are off. The prompt comes by standard input: arguments are seen by everybody, and bounded.
 */

const claude: HeadlessProfile = {
  name: 'claude',
  summary: 'Claude Code, asked through its own control channel: it asks before it edits or runs something',
  program: 'claude',
  npm: '@anthropic-ai/claude-code',
  login: 'Log in with: claude /login, or set ANTHROPIC_API_KEY',
  keys: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
  abilities: { resume: true, permissions: true, usage: 'cost', plan: true, mcp: true },
  mayAllowCommands: false,
  plan(launch) {
    const servers = settingsFile(launch, 'claude-mcp.json', { mcpServers: serversOf(launch, (url, headers) => ({ type: 'http', url, headers })) })
    return {
      args: [
        ...words('-p --verbose --output-format stream-json --input-format stream-json --permission-prompt-tool stdio --permission-mode default'),
        // Nobody is at its screen to be asked, its worktree is made already, and what it puts off nobody waits for.
        '--disallowedTools=AskUserQuestion,EnterPlanMode,EnterWorktree,ScheduleWakeup,CronCreate',
        // No tool server but ours: others would act outside the workspace.
        '--strict-mcp-config',
        `--mcp-config=${servers.path}`,
        ...(launch.session === undefined ? [] : ['--resume', launch.session]),
      ],
      env: {
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
        CLAUDE_CODE_MAX_RETRIES: '4',
        // Else it tells no plan, or one entry at a time.
        CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
        CLAUDE_CODE_ENABLE_TASKS: '0',
        ...(launch.keepsOwn ? { CLAUDE_CONFIG_DIR: join(launch.home, 'claude') } : {}),
      },
      files: [servers],
      talk: { createParser: () => createClaudeParser({ resumed: isResumed(launch), tokensOf: 'turn' }), opening: claudeOpening(launch.prompt), answers: true, interrupt: claudeInterrupt },
    }
  },
}

const codex: HeadlessProfile = {
  name: 'codex',
  summary: 'OpenAI Codex: its own sandbox lets it write in its folder only, and not to the network',
  program: 'codex',
  npm: '@openai/codex',
  login: 'Log in with: codex login, or set OPENAI_API_KEY',
  keys: ['CODEX_API_KEY', 'OPENAI_API_KEY'],
  abilities: { resume: true, permissions: false, usage: 'tokens', plan: false, mcp: true },
  mayAllowCommands: false,
  plan(launch) {
    const key = codex.keys.find((name) => hasAny(launch.env, [name]))
    // Its sandbox does not start where its folder lies in that of temporary files, so those are moved aside.
    const own = { CODEX_HOME: join(launch.home, 'codex'), TMPDIR: join(launch.home, 'tmp') }
    const provider = { name: 'OpenAI', base_url: launch.env['OPENAI_BASE_URL'] ?? 'https://api.openai.com/v1', env_key: key, wire_api: 'responses' }
    const settings: Readonly<Record<string, unknown>> = {
      approval_policy: 'never',
      check_for_update_on_startup: false,
      'analytics.enabled': false,
      'feedback.enabled': false,
      'features.plugins': false,
      'features.apps': false,
      ...(key === undefined ? {} : { model_provider: 'signalbox-env', ...fieldsOf('model_providers.signalbox-env', provider) }),
      ...(launch.mcp === undefined ? {} : fieldsOf(`mcp_servers.${launch.mcp.name}`, { url: launch.mcp.url, bearer_token_env_var: tokenVariable, default_tools_approval_mode: 'approve' })),
    }
    return {
      args: ['exec', '--json', '--skip-git-repo-check', '-s', 'workspace-write', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${JSON.stringify(value)}`])],
      last: [...(launch.session === undefined ? [] : ['resume', launch.session]), '-'],
      env: { ...(launch.keepsOwn ? own : {}), ...(launch.mcp === undefined ? {} : { [tokenVariable]: launch.mcp.token }) },
      files: launch.keepsOwn ? [own.CODEX_HOME, own.TMPDIR].map(emptyFolder) : [],
      talk: talkOf(launch, () => createCodexParser({ resumed: isResumed(launch) })),
    }
  },
}

const opencode: HeadlessProfile = {
  name: 'opencode',
  summary: 'opencode: edits its folder; runs commands only with --allow-commands',
  program: 'opencode',
  npm: 'opencode-ai',
  login: 'Log in with: opencode auth login',
  keys: [],
  abilities: { resume: true, permissions: false, usage: 'cost', plan: true, mcp: true },
  mayAllowCommands: true,
  plan(launch, allowed) {
    const answer = allowed ? 'allow' : 'deny'
    const kept = join(launch.home, 'opencode')
    const settings = {
      autoupdate: false,
      share: 'disabled',
      permission: { edit: 'allow', bash: answer, webfetch: answer, external_directory: 'deny' },
      mcp: serversOf(launch, (url, headers) => ({ type: 'remote', url, headers, enabled: true })),
    }
    return {
      args: ['run', '--format', 'json', '--thinking', ...(launch.session === undefined ? [] : ['--session', launch.session])],
      env: {
        OPENCODE_CONFIG_CONTENT: JSON.stringify(settings),
        OPENCODE_DB: join(kept, 'opencode.db'),
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      },
      files: [emptyFolder(kept)],
      talk: talkOf(launch, () => createOpencodeParser({ resumed: isResumed(launch) })),
    }
  },
}

const gemini: HeadlessProfile = {
  name: 'gemini',
  summary: 'Gemini CLI: edits its folder; runs commands only with --allow-commands',
  program: 'gemini',
  npm: '@google/gemini-cli',
  login: 'Log in by starting gemini once, or set GEMINI_API_KEY',
  keys: ['GEMINI_API_KEY'],
  abilities: { resume: true, permissions: false, usage: 'tokens', plan: false, mcp: true },
  mayAllowCommands: true,
  plan(launch, allowed) {
    const quiet = { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false }, general: { enableAutoUpdate: false, maxAttempts: 4 } }
    const login = hasAny(launch.env, gemini.keys) ? { security: { auth: { selectedType: 'gemini-api-key' } } } : {}
    const servers = serversOf(launch, (httpUrl, headers) => ({ httpUrl, headers, trust: true }))
    // The human's own settings hold above defaults of the system; in a folder of the run there are no others.
    const settings = settingsFile(launch, launch.keepsOwn ? 'gemini/.gemini/settings.json' : 'gemini-defaults.json', { ...quiet, ...login, mcpServers: servers })
    return {
      args: [...words(`--output-format stream-json --approval-mode ${allowed ? 'yolo' : 'auto_edit'}`), ...(launch.session === undefined ? [] : ['--resume', launch.session])],
      env: { ...(launch.keepsOwn ? { GEMINI_CLI_HOME: join(launch.home, 'gemini') } : { GEMINI_CLI_SYSTEM_DEFAULTS_PATH: settings.path }), GEMINI_CLI_TRUST_WORKSPACE: 'true', NO_BROWSER: '1' },
      files: [settings],
      talk: talkOf(launch, () => createGeminiParser({ resumed: isResumed(launch) })),
    }
  },
}

const qwen: HeadlessProfile = {
  name: 'qwen',
  summary: 'Qwen Code: edits its folder; runs commands only with --allow-commands',
  program: 'qwen',
  npm: '@qwen-code/qwen-code',
  login: 'Log in by starting qwen once, or set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL',
  keys: ['OPENAI_API_KEY'],
  abilities: { resume: true, permissions: false, usage: 'tokens', plan: false, mcp: true },
  mayAllowCommands: true,
  plan(launch, allowed) {
    const settings = settingsFile(launch, 'qwen-defaults.json', {
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      general: { enableAutoUpdate: false },
      ui: { enableFollowupSuggestions: false },
      memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false },
      model: { generationConfig: { maxRetries: 0, retryInitialDelayMs: 1_000, retryMaxDelayMs: 8_000 } },
    })
    const servers = settingsFile(launch, 'qwen-mcp.json', { mcpServers: serversOf(launch, (httpUrl, headers) => ({ httpUrl, headers, trust: true })) })
    return {
      args: [
        ...words(`--output-format stream-json --approval-mode ${allowed ? 'yolo' : 'auto-edit'}`),
        ...(hasAny(launch.env, qwen.keys) ? ['--auth-type', 'openai'] : []),
        ...(launch.mcp === undefined ? [] : ['--mcp-config', servers.path]),
        ...(launch.session === undefined ? [] : ['--resume', launch.session]),
      ],
      env: { QWEN_CODE_SYSTEM_DEFAULTS_PATH: settings.path, ...(launch.keepsOwn ? { QWEN_HOME: join(launch.home, 'qwen') } : {}) },
      files: [settings, servers],
      talk: talkOf(launch, () => createClaudeParser({ resumed: isResumed(launch), tokensOf: 'session' })),
    }
  },
}

const copilot: HeadlessProfile = {
  name: 'copilot',
  summary: 'GitHub Copilot CLI: edits its folder; runs commands only with --allow-commands',
  program: 'copilot',
  npm: '@github/copilot',
  login: 'Log in with: copilot login, or set COPILOT_GITHUB_TOKEN',
  keys: ['COPILOT_PROVIDER_API_KEY', 'COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'],
  abilities: { resume: true, permissions: false, usage: 'none', plan: false, mcp: true },
  mayAllowCommands: true,
  plan(launch, allowed) {
    const servers = settingsFile(launch, 'copilot-mcp.json', { mcpServers: serversOf(launch, (url, headers) => ({ type: 'http', url, headers, tools: ['*'] })) })
    // Only its last line names the session, and one that is interrupted writes no last line.
    const session = launch.session ?? randomUUID()
    return {
      args: [
        ...words('--output-format json --no-ask-user --no-remote-export --disable-builtin-mcps'),
        ...(allowed ? ['--allow-all-tools'] : ['--allow-tool=write', '--deny-tool=shell', ...(launch.mcp === undefined ? [] : [`--allow-tool=${launch.mcp.name}`])]),
        ...(launch.mcp === undefined ? [] : [`--additional-mcp-config=@${servers.path}`]),
        `--session-id=${session}`,
      ],
      env: { COPILOT_AUTO_UPDATE: 'false', ...(launch.keepsOwn ? { COPILOT_HOME: join(launch.home, 'copilot') } : {}) },
      files: [servers],
      talk: talkOf(launch, () => createCopilotParser({ resumed: isResumed(launch), given: session })),
    }
  },
}

const pi: HeadlessProfile = {
  name: 'pi',
  summary: 'pi: edits its folder; runs commands only with --allow-commands',
  program: 'pi',
  npm: '@earendil-works/pi-coding-agent',
  login: 'Log in by starting pi once and typing /login, or set the key of your provider, such as ANTHROPIC_API_KEY',
  keys: [],
  abilities: { resume: true, permissions: false, usage: 'cost', plan: false, mcp: false },
  mayAllowCommands: true,
  plan: (launch, allowed) => ({
    args: [
      ...words(`--mode json -p --no-approve --tools read,grep,find,ls,edit,write${allowed ? ',bash' : ''} --session-dir`),
      join(launch.home, 'pi-sessions'),
      ...(launch.session === undefined ? [] : ['--session', launch.session]),
    ],
    env: { PI_TELEMETRY: '0', PI_SKIP_VERSION_CHECK: '1' },
    talk: talkOf(launch, () => createPiParser({ resumed: isResumed(launch) })),
  }),
}

/** Every agent that can be driven by its lines. */
export const headlessProfiles: readonly HeadlessProfile[] = [claude, codex, opencode, gemini, qwen, copilot, pi]

/** Variable that hands over the token of our tool server where a file or an argument would show it. */
const tokenVariable = 'SIGNALBOX_MCP_TOKEN'

function serversOf(launch: Launch, describe: (url: string, headers: Readonly<Record<string, string>>) => unknown): Readonly<Record<string, unknown>> {
  return launch.mcp === undefined ? {} : { [launch.mcp.name]: describe(launch.mcp.url, { Authorization: `Bearer ${launch.mcp.token}` }) }
}

function talkOf(launch: Launch, createParser: HeadlessPlan['talk']['createParser']): HeadlessPlan['talk'] {
  return { createParser, opening: launch.prompt, answers: false }
}

function isResumed(launch: Launch): boolean {
  return launch.session !== undefined
}

function fieldsOf(table: string, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${table}.${name}`, value]))
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
