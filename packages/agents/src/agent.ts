/** An agent ready to be spawned. */
export interface AgentCommand {
  readonly argv: readonly [string, ...string[]]
  /** Variables laid over the environment of the run. */
  readonly env: Readonly<Record<string, string>>
}

/** How one kind of agent is started. */
export interface Agent {
  readonly name: string
  /** One line for humans. */
  readonly summary: string
  /** @throws ControlError `input.invalid` when the arguments do not suit it */
  command(argv: readonly string[]): AgentCommand
}
