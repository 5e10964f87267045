import { fileURLToPath } from 'node:url'

/** Programs that speak the Agent Client Protocol, to be started with Node. */
export const acpPrograms = {
  /** Claims files and test runs and touches nothing. */
  lying: programIn('lying-agent.js'),
  /** Says numbered words as fast as CHATTY_AGENT_RATE a second for CHATTY_AGENT_SECONDS, and touches nothing. */
  chatty: programIn('chatty-agent.js'),
  /** Plays a recording: its arguments are the file and the number of the process in it. */
  recorded: programIn('play-recording.js'),
} as const

function programIn(file: string): string {
  return fileURLToPath(new URL(`./acp/${file}`, import.meta.url))
}
