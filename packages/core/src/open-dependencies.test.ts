import { expect, it } from 'vitest'
import { taskIdSchema, type TaskId } from './ids.ts'
import { findOpenDependencies } from './open-dependencies.ts'
import type { TaskStatus } from './records.ts'

it('finds the open tasks that a task depends on, also by others, and ends where they lead in a circle', () => {
  const id = (number: number): TaskId => taskIdSchema.parse(`T000${number}`)
  const of = (status: TaskStatus, ...dependsOn: readonly number[]) => ({ status, dependsOn: dependsOn.map(id) })
  const tasks = new Map(Object.entries({ T0001: of('ready', 3), T0002: of('review', 1, 4, 5, 9), T0003: of('ready', 2, 1), T0004: of('done', 6), T0005: of('dropped'), T0006: of('ready') }))
  expect(findOpenDependencies(id(2), tasks)).toEqual(['T0001', 'T0003'])
  expect(findOpenDependencies(id(6), tasks)).toEqual([])
})
