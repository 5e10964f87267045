/** How output is read: dropped; kept byte for byte; as the text of a command; as what an agent says, kept and understood. */
export type Intake = 'drop' | 'keep' | 'print' | 'talk'

/** What reading cost a process: its processor time, and the most memory it had. */
export interface Reading {
  readonly cpuMs: number
  readonly peakMb: number
}
