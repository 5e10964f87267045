import * as z from 'zod'
import { toolKinds, type ToolKind } from './agent-event.ts'

export const permissionDecisions = ['allow', 'ask', 'deny'] as const
export type PermissionDecision = (typeof permissionDecisions)[number]

/** One rule: what it says of the tool calls it is about. What it leaves out, it does not ask for. */
export const permissionRuleSchema = z
  .strictObject({
    decision: z.enum(permissionDecisions),
    kind: z.enum(toolKinds).optional(),
    /** Globs over paths from the top of the workspace (`api/src/**`); all paths of a call have to match one. */
    path: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
    /** Commands, with `*` for anything: `npm test*`. A rule that allows matches none that a shell would make more than one of. */
    command: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  })
  .refine(({ path, command }) => path === undefined || command === undefined, 'a rule is about paths or about commands')
export type PermissionRule = z.infer<typeof permissionRuleSchema>

export const permissionPolicySchema = z.object({
  /** The first rule that is about a call decides. */
  rules: z.array(permissionRuleSchema).default([]),
  /** What holds where no rule does, and the call is neither a look nor an edit in the workspace, nor confined by a sandbox. */
  otherwise: z.enum(permissionDecisions).default('ask'),
})
export type PermissionPolicy = z.infer<typeof permissionPolicySchema>

/** A tool call to decide about. Paths are from the top of the workspace; `outside` says that there is one beyond it. */
export interface PermissionFacts {
  readonly kind: ToolKind
  readonly command: string | null
  readonly paths: readonly string[]
  readonly outside: boolean
  /** The tool is of our own tool server, which checks by itself what it may. */
  readonly own: boolean
  /** The system confines whatever the agent does. */
  readonly confined: boolean
}

/** Says who decided: a rule by its number from 1, or what holds without one. */
export interface PermissionVerdict {
  readonly decision: PermissionDecision
  readonly because: string
}

/** Tells whether globs match a path. */
export type MatchPath = (globs: readonly string[], path: string) => boolean

/** Decides about a tool call by the policy. What the agent says of its call is not proof of what the call does: only the sandbox is that. */
export function decidePermission(policy: PermissionPolicy, facts: PermissionFacts, matches: MatchPath): PermissionVerdict {
  if (facts.own) return { decision: 'allow', because: 'it is a tool of Signalbox' }
  const index = policy.rules.findIndex((rule) => isAbout(rule, facts, matches))
  const rule = policy.rules[index]
  if (rule !== undefined) return { decision: rule.decision, because: `rule ${index + 1} of the policy says so` }
  if (facts.confined) return { decision: 'allow', because: 'the sandbox confines it' }
  // One with a command runs it, whatever kind it calls itself.
  const isInside = !facts.outside && facts.command === null
  if (isInside && isLook(facts.kind)) return { decision: 'allow', because: 'it only looks' }
  if (isInside && isEdit(facts.kind) && facts.paths.length > 0) return { decision: 'allow', because: 'it edits in its own workspace' }
  return { decision: policy.otherwise, because: 'the policy says so of what no rule is about' }
}

function isLook(kind: ToolKind): boolean {
  return kind === 'read' || kind === 'search' || kind === 'think'
}

function isEdit(kind: ToolKind): boolean {
  return kind === 'edit' || kind === 'delete' || kind === 'move'
}

function isAbout(rule: PermissionRule, facts: PermissionFacts, matches: MatchPath): boolean {
  if (rule.kind !== undefined && rule.kind !== facts.kind) return false
  if (rule.path !== undefined) return areIn(rule, listOf(rule.path), facts, matches)
  if (rule.command !== undefined) return isCommandIn(rule, listOf(rule.command), facts.command)
  return true
}

/** A rule that allows needs every path; one that holds back is about a call with any of them. */
function areIn({ decision }: PermissionRule, globs: readonly string[], { paths, outside }: PermissionFacts, matches: MatchPath): boolean {
  if (decision === 'allow') return !outside && paths.length > 0 && paths.every((path) => matches(globs, path))
  return paths.some((path) => matches(globs, path))
}

/** What makes a shell do more than one thing, or another one than it says. */
const compound = /[;&|`$<>(){}\n\r\\!#~]/

/** A rule that allows is about a command that does one thing; one that holds back is about any in which such a command stands. */
function isCommandIn({ decision }: PermissionRule, patterns: readonly string[], command: string | null): boolean {
  if (command === null) return false
  const whole = command.trim()
  if (decision === 'allow') return patterns.some((pattern) => pattern === whole || (!compound.test(whole) && matchesCommand(pattern, whole)))
  const parts = whole.split(/[;&|\n\r(){}`]+|\$\(/).map((part) => part.trim())
  return patterns.some((pattern) => [whole, ...parts].some((part) => matchesCommand(pattern, part)))
}

function matchesCommand(pattern: string, command: string): boolean {
  const source = pattern.split('*').map((piece) => piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${source.join('.*')}$`, 's').test(command)
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
