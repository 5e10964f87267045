import { queryOptions } from '@tanstack/solid-query'
import type { FreeKind, HandoffId, RunId, TaskId } from '@signalbox/core'
import { api } from './client.ts'

/** Milliseconds between looks at the gate while it is on screen: targets change without telling anybody. */
const gateInterval = 4_000

/** Everything a page may ask, each with the one key it is kept under. */
export const queries = {
  tasks: () => queryOptions({ queryKey: ['tasks'], queryFn: () => api.listTasks() }),
  task: (id: TaskId) => queryOptions({ queryKey: ['task', id], queryFn: () => api.readTask(id) }),
  context: (id: TaskId) => queryOptions({ queryKey: ['context', id], queryFn: () => api.readContext(id) }),
  runs: () => queryOptions({ queryKey: ['runs'], queryFn: () => api.listRuns() }),
  runsOf: (task: TaskId) => queryOptions({ queryKey: ['runs', task], queryFn: () => api.listRuns({ task }) }),
  run: (id: RunId) => queryOptions({ queryKey: ['run', id], queryFn: () => api.readRun(id) }),
  events: (id: RunId) => queryOptions({ queryKey: ['events', id], queryFn: () => api.readEvents(id) }),
  packet: (id: RunId) => queryOptions({ queryKey: ['packet', id], queryFn: () => api.readPacket(id), staleTime: Infinity }),
  gate: (id: RunId) => queryOptions({ queryKey: ['gate', id], queryFn: () => api.gate(id), staleTime: 0, refetchInterval: gateInterval }),
  diff: (id: RunId, round: number | undefined) => queryOptions({ queryKey: ['diff', id, round ?? 'latest'], queryFn: () => api.diff(id, { round }), staleTime: round === undefined ? 0 : Infinity, reconcile: false }),
  records: <K extends FreeKind>(kind: K) => queryOptions({ queryKey: ['records', kind], queryFn: () => api.listRecords(kind) }),
  record: <K extends FreeKind>(kind: K, id: string) => queryOptions({ queryKey: ['record', kind, id], queryFn: () => api.readRecord(kind, id) }),
  handoffs: () => queryOptions({ queryKey: ['handoffs'], queryFn: () => api.listHandoffs() }),
  handoff: (id: HandoffId) => queryOptions({ queryKey: ['handoff', id], queryFn: () => api.readHandoff(id) }),
  agents: () => queryOptions({ queryKey: ['agents'], queryFn: () => api.listAgents() }),
  repos: () => queryOptions({ queryKey: ['repos'], queryFn: () => api.listRepos() }),
  doctor: () => queryOptions({ queryKey: ['doctor'], queryFn: () => api.doctor() }),
  search: (text: string) => queryOptions({ queryKey: ['search', text], queryFn: () => api.search(text, { limit: 50 }), enabled: text.trim() !== '' }),
} as const
