import type { ForecastStep, ForecastTarget } from './forecast.ts'
import { nameUpTo5 } from './gate-report.ts'

/** Returns in sentences what stands between a run and its landing: of its own, on its targets, tasks it depends on, after earlier runs, and a refresh. */
export function sayStep({ task, dependsOn, targets, collisions, because, refresh, refreshAfter }: Omit<ForecastStep, 'reasons'>): string[] {
  return [
    ...because,
    ...targets.flatMap(sayTarget),
    ...dependsOn.map(({ task: need, after }) => (after === null ? `${task} depends on ${need}, and no run of that lands before it` : `It lands after ${after}, for ${task} depends on ${need}`)),
    ...collisions.map(({ after, repo, paths, because: unknown }) => (unknown === null ? `It conflicts after ${after} in ${repo}: ${nameUpTo5(paths)}` : `Nobody knows how it fits after ${after} in ${repo}: ${unknown}`)),
    ...(refresh ? [refreshAfter.length === 0 ? 'Its target moved, so it is refreshed first' : `It is refreshed after ${nameUpTo5(refreshAfter)}`] : []),
  ]
}

function sayTarget({ repo, branch, state, paths, because }: ForecastTarget): readonly string[] {
  switch (state) {
    case 'in_place':
    case 'moved':
      return []
    case 'conflict':
      return [`It conflicts on ${branch} of ${repo}: ${nameUpTo5(paths)}`]
    case 'missing':
      return [`${branch} of ${repo} is gone`]
    case 'unknown':
      return [`Nobody knows how it fits on ${branch} of ${repo}: ${because}`]
    default:
      return state satisfies never
  }
}
