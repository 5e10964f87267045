import * as z from 'zod'
import { checkpointPolicySchema } from './checkpoint.ts'
import { branchNameSchema, repoNameSchema } from './ids.ts'
import { homeChoiceSchema } from './home.ts'
import { sandboxPolicySchema } from './isolation.ts'
import { spendingLimitsSchema } from './spending.ts'
import { permissionPolicySchema } from './permission.ts'

/** A path from the top of a repository, as it is brought along. */
const repoFileSchema = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !path.endsWith('/') && !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git'), 'a file is named from the top of its repository, such as .env or config/local.json')

/** Settings of one registered repo. Records hold its name; its path is machine-local and not in here. */
export const repoConfigSchema = z.object({
  baseBranch: branchNameSchema,
  /** Shell commands run in a fresh checkout before the agent or the checks. */
  setup: z.array(z.string().min(1)).default([]),
  /** Ignored files and folders of the human's own checkout that a fresh one gets a copy of, before its setup: `.env`, and only where it is named. */
  files: z.array(repoFileSchema).default([]),
  /** Check name to shell command, run from the repo's folder on exactly the sealed tree. */
  checks: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a check name is 1 to 64 of a-z, 0-9 and -'), z.string().min(1)).default({}),
})
export type RepoConfig = z.infer<typeof repoConfigSchema>

export const policySchema = z.object({
  /** `all`: any untracked file in a target checkout blocks. `colliding`: only those in the way of the landing. */
  untracked: z.enum(['all', 'colliding']).default('all'),
})

/** Minutes a run may take before it is ended in order: at most a week, for a timer of more than 24 days would fire at once. */
export const runMinutesSchema = z.number().positive().max(60 * 24 * 7, 'a run may take at most a week, 10080 minutes')

export const limitsSchema = z.object({
  minutes: runMinutesSchema.default(60),
  /** Minutes a run may say nothing before it is ended in order; absent: as long as it likes. */
  silentMinutes: runMinutesSchema.optional(),
  ...spendingLimitsSchema.shape,
  /** Minutes one check or setup command may take. */
  checkMinutes: z.number().positive().max(60 * 24).default(15),
})

/** How long a run waits where the provider of its agent takes no more for now. */
export const quotaSchema = z.object({
  /** How often it is tried again; 0 ends the run at once. */
  retries: z.int().min(0).max(20).default(3),
  /** Minutes before the first try, where the agent does not say; twice as many before each further one. */
  waitMinutes: z.number().positive().max(60 * 24).default(5),
  /** Minutes that one wait takes at most, whatever the agent says. */
  longestMinutes: z.number().positive().max(60 * 24 * 7).default(60 * 6),
})

const agentNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'the name of an agent is 1 to 64 of a-z, 0-9 and -')

/** Whose home agents have. A word that is none of these is refused: who asks for a home of its own must not get theirs. */
export const homesSchema = z.strictObject({
  /** Of agents that are not named. */
  otherwise: homeChoiceSchema.default('auto'),
  agents: z.record(agentNameSchema, homeChoiceSchema).default({}),
})

/** An agent of the human's own: a command, and how it is told what to do. */
export const agentTemplateSchema = z
  .strictObject({
    /** The program and its arguments. `{packet}` in one becomes the path of the packet, `{prompt}` the text itself. */
    command: z.tuple([z.string().min(1)], z.string()),
    env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'a variable is A-Z, 0-9 and _'), z.string()).default({}),
    /** `file`: it reads the packet, whose path it is given. */
    prompt: z.enum(['stdin', 'argument', 'file']).default('file'),
    /** `text`: it prints what it likes, and its exit code says how it did. `acp`: it speaks the Agent Client Protocol, is told what to do in it, and asks. */
    speaks: z.enum(['text', 'acp']).default('text'),
    /** Of one that speaks `acp`: the mode it is set to before it is told anything; absent: the one it starts in, in which a model may grant permissions. */
    mode: z.string().min(1).optional(),
  })
  .refine(({ command, prompt }) => prompt !== 'argument' || command.some((word) => word.includes('{prompt}')), { path: ['command'], message: 'a prompt by argument needs a word with {prompt}' })
export type AgentTemplate = z.infer<typeof agentTemplateSchema>

/** `signalbox.yaml` in camelCase. */
export const configSchema = z.object({
  /** A newer one than `formats.memory` is only read, as far as it can be. */
  format: z.int().min(1),
  repos: z.record(repoNameSchema, repoConfigSchema).default({}),
  /** Agents of the human's own, by the name that a run says; one with the name of another takes its place. */
  agents: z.record(agentNameSchema, agentTemplateSchema).default({}),
  homes: homesSchema.prefault({}),
  policy: policySchema.prefault({}),
  limits: limitsSchema.prefault({}),
  checkpoints: checkpointPolicySchema.prefault({}),
  /** What runs with `--isolation sandbox` may do. */
  sandbox: sandboxPolicySchema.prefault({}),
  /** What agents may do without asking. */
  permissions: permissionPolicySchema.prefault({}),
  quota: quotaSchema.prefault({}),
  memory: z.object({ commit: z.enum(['each', 'manual']).default('each') }).prefault({}),
})
export type Config = z.infer<typeof configSchema>

/** Where registered repos lie on one machine: name to absolute path. Kept in the state folder, never in the memory repo. */
export const repoPathsSchema = z.record(repoNameSchema, z.string())
