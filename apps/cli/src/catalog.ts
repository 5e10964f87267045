import type { Command } from 'commander'

/** One word of the command line: shown by `--help` at once, loaded when it is used. */
export interface CatalogEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly define: (command: Command) => void }>
}

/** Every command, grouped along the loop from a task to its handoff. */
export const catalog: Readonly<Record<string, readonly CatalogEntry[]>> = {
  'Set up:': [
    { name: 'init', summary: 'make a memory repo, or adopt a folder as one', load: () => import('./commands/init.ts') },
    { name: 'repo', summary: 'register the source repositories that tasks are about', load: () => import('./commands/repo.ts') },
  ],
  'Say what is wanted:': [
    { name: 'task', summary: 'write tasks, list them, pick the next one', load: () => import('./commands/task.ts') },
    { name: 'effort', summary: 'name streams of related tasks', load: () => import('./commands/effort.ts') },
    { name: 'decision', summary: 'keep choices that later work must respect', load: () => import('./commands/decision.ts') },
    { name: 'note', summary: 'keep facts worth finding again', load: () => import('./commands/note.ts') },
    { name: 'context', summary: 'show the brief a run of a task would get', load: () => import('./commands/context.ts') },
  ],
  'Let an agent work:': [
    { name: 'agents', summary: 'list agents: what is installed, and what each can do', load: () => import('./commands/agents.ts') },
    { name: 'run', summary: 'start an agent on a task and wait for its end', load: () => import('./commands/run.ts') },
    { name: 'runs', summary: 'list runs', load: () => import('./commands/runs.ts') },
    { name: 'show', summary: 'show where a run stands, why, and what is next', load: () => import('./commands/show.ts') },
    { name: 'log', summary: 'read what happened in a run, or follow it', load: () => import('./commands/log.ts') },
    { name: 'attach', summary: 'follow a run, and answer what its agent asks', load: () => import('./commands/attach.ts') },
    { name: 'answer', summary: 'answer what an agent asks, or let it use a tool', load: () => import('./commands/answer.ts') },
    { name: 'resume', summary: 'let the agent of an ended run go on in its workspace', load: () => import('./commands/resume.ts') },
    { name: 'cancel', summary: 'end a run and save what it left', load: () => import('./commands/cancel.ts') },
    { name: 'mcp', summary: 'give lookups to your own editor or agent, over stdio', load: () => import('./commands/mcp.ts') },
  ],
  'Review and land:': [
    { name: 'diff', summary: 'show what a run changed', load: () => import('./commands/diff.ts') },
    { name: 'restore', summary: 'write the files of a checkpoint or round to a new folder', load: () => import('./commands/restore.ts') },
    { name: 'seal', summary: 'save what the workspace holds as the next round', load: () => import('./commands/seal.ts') },
    { name: 'check', summary: 'run the configured checks on the latest round', load: () => import('./commands/check.ts') },
    { name: 'gate', summary: 'say whether a run may be merged, and every reason why not', load: () => import('./commands/gate.ts') },
    { name: 'comment', summary: 'open a finding on a round, reply to one, or settle it', load: () => import('./commands/comment.ts') },
    { name: 'review', summary: 'list what reviewers found in a run', load: () => import('./commands/review.ts') },
    { name: 'request-changes', summary: 'send the open findings to an agent', load: () => import('./commands/request-changes.ts') },
    { name: 'waive', summary: 'let one reason not block a round, and record why', load: () => import('./commands/waive.ts') },
    { name: 'forecast', summary: 'say which open runs collide, and in which order to land them', load: () => import('./commands/forecast.ts') },
    { name: 'approve', summary: 'say yes to one exact round', load: () => import('./commands/approve.ts') },
    { name: 'merge', summary: 'land an approved round in all its repos, or in none', load: () => import('./commands/merge.ts') },
    { name: 'push', summary: 'push an approved round to a remote, and open a pull request', load: () => import('./commands/push.ts') },
    { name: 'refresh', summary: 'bring a round onto targets that moved', load: () => import('./commands/refresh.ts') },
    { name: 'reject', summary: 'turn a run down', load: () => import('./commands/reject.ts') },
    { name: 'undo', summary: 'take a landing back', load: () => import('./commands/undo.ts') },
  ],
  'Pass it on:': [
    { name: 'handoff', summary: 'read and write what changed, evidence, blocker, next', load: () => import('./commands/handoff.ts') },
    { name: 'why', summary: 'say which run, approval and task a line of code came from', load: () => import('./commands/why.ts') },
    { name: 'search', summary: 'search everything that was written down', load: () => import('./commands/search.ts') },
  ],
  'See it in a browser:': [
    { name: 'serve', summary: 'serve the pages and the API on this machine', load: () => import('./commands/serve.ts') },
    { name: 'open', summary: 'print a fresh link to the server that runs', load: () => import('./commands/open.ts') },
    { name: 'token', summary: 'print a bearer token for the server', load: () => import('./commands/token.ts') },
  ],
  'Keep house:': [
    { name: 'doctor', summary: 'look at everything and say what needs repair', load: () => import('./commands/doctor.ts') },
    { name: 'clean', summary: 'remove workspaces that nobody needs any more', load: () => import('./commands/clean.ts') },
    { name: 'index', summary: 'build the search index again', load: () => import('./commands/index-rebuild.ts') },
    { name: 'demo', summary: 'play the whole loop in a throwaway folder', load: () => import('./demo/demo.ts') },
  ],
}
