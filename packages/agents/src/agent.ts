/** An agent ready to be spawned. */
export interface AgentCommand {
  readonly argv: readonly [string, ...string[]]
  /** Variables laid over the environment of the run. */
  readonly env: Readonly<Record<string, string>>
  /** Says whether a line of its output means that a turn of it is over; absent for one that works without turns, or does not say. */
  readonly endsTurn?: (line: string) => boolean
}

/** How one kind of agent is started. */
export interface Agent {
  readonly name: string
  /** One line for humans. */
  readonly summary: string
  /** @throws ControlError `input.invalid` when the arguments do not suit it */
  command(argv: readonly string[]): AgentCommand
}
