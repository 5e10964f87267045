import { saySurvivors, type Run } from '@signalbox/core'
import { findOrSay, type DoctorLine } from './doctor-line.ts'
import type { Services } from './services.ts'
import { findSurvivors } from './survivors.ts'

/** Names processes that still live though they were to end with their run. */
export async function diagnoseSurvivors(services: Pick<Services, 'layout'>, runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  return (await Promise.all(runs.map((run) => findOrSay(run.id, () => diagnoseRun(services, run))))).flat()
}

async function diagnoseRun(services: Pick<Services, 'layout'>, run: Run): Promise<readonly DoctorLine[]> {
  const living = await findSurvivors(services, run)
  if (living.length === 0) return []
  const pids = living.map(({ pid }) => pid)
  return [
    {
      code: 'run_survivors',
      subject: run.id,
      state: 'problem',
      message: saySurvivors(living),
      remedy: `kill -9 ${pids.join(' ')}; whose one is that does not end, and what it waits for, says ps -o pid,user,stat,wchan,args -p ${pids.join(',')}`,
    },
  ]
}
