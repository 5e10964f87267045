import type { Diagnosis, Repair } from '@signalbox/core'
import type { Look } from './look.ts'
import { visible } from './untrusted.ts'

/** Returns one line per thing looked at, each trouble with its remedy below. */
export function doctorText(diagnoses: readonly Diagnosis[], { ink }: Look): string {
  const marks = { ok: ink.green('✓'), warning: ink.yellow('!'), problem: ink.red('✗') } as const
  return diagnoses
    .map(({ subject, state, message, remedy }) => {
      const line = `${marks[state]} ${ink.bold(visible(subject))}  ${visible(message)}`
      return remedy === null ? line : `${line}\n  ${ink.dim('→')} ${visible(remedy)}`
    })
    .join('\n')
}

/** Returns one line per repair, and why one could not be done. */
export function repairsText(repairs: readonly Repair[], { ink }: Look): string {
  return repairs.map(({ subject, done, message }) => `${done ? ink.green('✓ repaired') : ink.red('✗ not repaired')} ${ink.bold(visible(subject))}  ${visible(message)}`).join('\n')
}
