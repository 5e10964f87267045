import type { HandoffId, RepoName, RunId, TaskId } from '@signalbox/core'

// Ids come from addresses. The one cast of each brand is here, behind the check that earns it.

/** Reads a task id such as `T0147`; undefined when the text is not one. */
export function taskIdOf(text: string | undefined): TaskId | undefined {
  return text !== undefined && /^T\d{4,}$/.test(text) ? (text as TaskId) : undefined
}

/** Reads a run id such as `R0031`; undefined when the text is not one. */
export function runIdOf(text: string | undefined): RunId | undefined {
  return text !== undefined && /^R\d{4,}$/.test(text) ? (text as RunId) : undefined
}

/** Reads a handoff id such as `H0061`; undefined when the text is not one. */
export function handoffIdOf(text: string | undefined): HandoffId | undefined {
  return text !== undefined && /^H\d{4,}$/.test(text) ? (text as HandoffId) : undefined
}

/** Reads a repo's name such as `api`; undefined when the text cannot be one. */
export function repoNameOf(text: string): RepoName | undefined {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(text) && text !== 'constructor' ? (text as RepoName) : undefined
}

const pages = { T: 'tasks', R: 'runs', H: 'handoffs', E: 'efforts', D: 'decisions', N: 'notes' } as const

/** Returns the address of the page about a record or run; undefined when the text is no id. */
export function pathOf(id: string): string | undefined {
  const [, letter] = /^([TRHEDN])\d{3,}$/.exec(id) ?? []
  return letter !== undefined && letter in pages ? `/${pages[letter as keyof typeof pages]}/${id}` : undefined
}
