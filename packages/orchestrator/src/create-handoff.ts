import { ControlError, newHandoffSchema, parseInput, type Handoff, type NewHandoff } from '@signalbox/core'
import { withState, type Services } from './services.ts'
import { readEvidence } from './write-handoff.ts'

/**
 * Writes a handoff in somebody's words: evidence of its run is filled in by us, and what they say was validated is kept as a claim.
 * @throws ControlError `input.invalid`, `task.not_found`, `run.not_found`, `format.newer`
 */
export function createHandoff(services: Services, request: NewHandoff, readAuthor: () => Promise<string>): Promise<Handoff> {
  const { memory } = services
  return withState(services, async () => {
    const input = parseInput(newHandoffSchema, request)
    const task = await memory.read('task', input.task)
    const run = input.run === undefined ? undefined : await services.log.foldToChange(input.run)
    if (run !== undefined && run.task !== task.id) throw new ControlError('input.invalid', `${run.id} is a run of ${run.task}, not of ${task.id}`)
    const facts: Handoff['evidence'] = run === undefined ? { changed: [], validation: [] } : await readEvidence(services, run)
    const handoff = await memory.create(
      'handoff',
      {
        task: task.id,
        ...(run === undefined ? {} : { run: run.id }),
        at: services.clock.now(),
        by: await readAuthor(),
        what: input.what,
        evidence: { ...facts, validation: [...facts.validation, ...input.claims.map((text) => ({ kind: 'claim' as const, text }))] },
        blocker: input.blocker,
        next: input.next,
      },
      input.body,
    )
    await memory.commit(`${task.id}: hand off ${handoff.id}`)
    return handoff
  })
}
