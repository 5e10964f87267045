import { ControlError, decisionSchema, handoffSchema, taskIdSchema, taskViewSchema, type AgentFace } from '@signalbox/core'

export interface SmallFace extends AgentFace {
  /** What was asked of it, call by call. */
  readonly calls: readonly string[]
  /** Answers the question that waits. */
  answer(text: string): void
  /** Resolves when a question waits, or none does any more. */
  waits(whether: boolean): Promise<void>
}

/** Returns a face over one task and one decision. It waits for answers like a real one. */
export function createSmallFace(): SmallFace {
  const file = { path: 'x.md', hash: 'a'.repeat(64) }
  const own = taskViewSchema.parse({ ...file, id: 'T0001', title: 'Count cents', status: 'ready', repos: ['api'], baseBranch: 'main', body: 'Whole cents only.' })
  const decision = decisionSchema.parse({ ...file, id: 'D0001', title: 'No floats', body: 'They lie.' })
  const calls: string[] = []
  let waiting: ((answer: string | null) => void) | undefined
  const watchers: (() => void)[] = []
  const note = (call: string): void => void calls.push(call)
  const isWaited = (): boolean => waiting !== undefined
  const changed = (): void => watchers.splice(0).forEach((told) => told())
  return {
    calls,
    answer: (text) => waiting?.(text),
    waits: async (whether) => {
      while (isWaited() !== whether) await new Promise<void>((resolve) => watchers.push(resolve))
    },
    search: async (query, { limit } = {}) => {
      note(`search ${query} ${limit}`)
      return { results: [{ id: 'N0001', kind: 'note', title: 'Cents', path: 'notes/N0001.md', snippet: 'whole' }] }
    },
    listTasks: async ({ status } = {}) => (note(`listTasks ${status}`), { tasks: [own], quarantined: [{ path: 'tasks/T0002.md', line: 3, reason: 'conflict markers', ids: [] }] }),
    readTask: async (id = taskIdSchema.parse('T0001')) => {
      note(`readTask ${id}`)
      if (id !== own.id) throw new ControlError('task.not_found', `There is no task ${id}`, { hint: 'List them' })
      return own
    },
    listDecisions: async () => (note('listDecisions'), { records: [decision], quarantined: [] }),
    readDecision: async (id) => (note(`readDecision ${id}`), decision),
    proposeTask: async ({ title, repos }) => (note(`propose ${title} ${repos?.join()}`), { ...own, id: taskIdSchema.parse('T0007') }),
    readRun: () => Promise.reject(new Error('no tool reads the run')),
    readPacket: async () => (note('readPacket'), { markdown: '# The packet\n', hash: 'h' }),
    readEvents: () => Promise.reject(new Error('no tool reads events')),
    readFindings: () => Promise.reject(new Error('no tool reads findings')),
    draftHandoff: async ({ what, next }) => (note(`draft ${what} ${next}`), handoffSchema.parse({ ...file, id: 'H0001', task: 'T0001', at: 'now', by: 'x', what, next, evidence: {}, body: '' })),
    report: async ({ text }) => note(`report ${text}`),
    ask: async ({ text, options }, cancel) => {
      note(`ask ${text} ${options?.join()}`)
      try {
        const answer = await new Promise<string | null>((resolve) => {
          waiting = resolve
          cancel.addEventListener('abort', () => resolve(null), { once: true })
          changed()
        })
        return { answer }
      } finally {
        waiting = undefined
        changed()
      }
    },
  }
}
