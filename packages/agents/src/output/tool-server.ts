/** Returns the name of the tool server a tool is of: many name such a tool `mcp__SERVER__TOOL`. No tool of ours has `__` in it, so a server `ours__other` is not taken for ours. */
export function serverOf(name: string): string | null {
  return /^mcp__(.+)__/.exec(name)?.[1] ?? null
}
