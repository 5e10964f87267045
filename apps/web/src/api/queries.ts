import type { FreeKind, HandoffId, MergeStrategy, RunId, TaskId } from '@signalbox/core'
import { api } from './client.ts'
import { lookAtGate } from './look-at-gate.ts'
import type { Question } from './question.ts'

/** Milliseconds between looks at the gate while it is on screen: targets change without telling anybody. */
const gateInterval = 4_000

/** Everything a page may ask, each with the one key it is kept under. */
export const queries = {
  tasks: () => question({ queryKey: ['tasks'], queryFn: () => api.listTasks() }),
  task: (id: TaskId) => question({ queryKey: ['task', id], queryFn: () => api.readTask(id) }),
  context: (id: TaskId) => question({ queryKey: ['context', id], queryFn: () => api.readContext(id) }),
  runs: () => question({ queryKey: ['runs'], queryFn: () => api.listRuns() }),
  runsOf: (task: TaskId) => question({ queryKey: ['runs', task], queryFn: () => api.listRuns({ task }) }),
  forecast: () => question({ queryKey: ['forecast'], queryFn: () => api.forecast() }),
  run: (id: RunId) => question({ queryKey: ['run', id], queryFn: () => api.readRun(id) }),
  events: (id: RunId) => question({ queryKey: ['events', id], queryFn: () => api.readEvents(id) }),
  packet: (id: RunId) => question({ queryKey: ['packet', id], queryFn: () => api.readPacket(id), staleTime: Infinity }),
  gate: (id: RunId, strategy?: MergeStrategy) => question({ queryKey: ['gate', id, strategy ?? 'as approved'], queryFn: () => lookAtGate(id, strategy), staleTime: 0, refetchInterval: gateInterval }),
  findings: (id: RunId) => question({ queryKey: ['findings', id], queryFn: () => api.readFindings(id) }),
  commits: (id: RunId, round: number) => question({ queryKey: ['commits', id, round], queryFn: () => api.readCommits(id, { round }), staleTime: Infinity }),
  diff: (id: RunId, round: number | undefined, since: number | undefined, commit?: string) => question({ queryKey: ['diff', id, round ?? 'latest', since ?? 'base', commit ?? 'all'], queryFn: () => api.diff(id, { round, since, commit }), staleTime: round === undefined ? 0 : Infinity }),
  records: <K extends FreeKind>(kind: K) => question({ queryKey: ['records', kind], queryFn: () => api.listRecords(kind) }),
  record: <K extends FreeKind>(kind: K, id: string) => question({ queryKey: ['record', kind, id], queryFn: () => api.readRecord(kind, id) }),
  handoffs: () => question({ queryKey: ['handoffs'], queryFn: () => api.listHandoffs() }),
  handoff: (id: HandoffId) => question({ queryKey: ['handoff', id], queryFn: () => api.readHandoff(id) }),
  agents: () => question({ queryKey: ['agents'], queryFn: () => api.listAgents() }),
  repos: () => question({ queryKey: ['repos'], queryFn: () => api.listRepos() }),
  doctor: () => question({ queryKey: ['doctor'], queryFn: () => api.doctor() }),
  search: (text: string) => question({ queryKey: ['search', text], queryFn: () => api.search(text, { limit: 50 }), enabled: text.trim() !== '' }),
} as const

function question<T>(asked: Question<T>): Question<T> {
  return asked
}
