import { CommanderError } from 'commander'
import { createProgram } from './program.ts'
import { visible } from './untrusted.ts'

process.stdout.on('error', endQuietlyWhenNobodyReads)
process.stderr.on('error', endQuietlyWhenNobodyReads)
process.removeAllListeners('warning').on('warning', showWarning)

await main(process.argv.slice(2))

/** Runs the command line; the exit code is set, not forced, so that everything written is also printed. */
async function main(args: readonly string[]): Promise<void> {
  const json = wantsJson(args)
  try {
    const program = createProgram(json)
    const names = program.commands.map((command) => command.name())
    await program.parseAsync([...asked(args, names)], { from: 'user' })
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return
    const { reportError } = await import('./errors.ts')
    const { usageErrorOf } = await import('./usage-error.ts')
    process.exitCode = reportError(thrown instanceof CommanderError ? usageErrorOf(thrown) : thrown, json)
  }
}

/** Reads `help task` and a bare call as the help they ask for; help for a word that is none is left to be refused as such. */
function asked(args: readonly string[], names: readonly string[]): readonly string[] {
  if (args.length === 0) return ['--help']
  if (args[0] !== 'help') return args
  const [name] = args.slice(1)
  return name === undefined || names.includes(name) ? [...args.slice(1), '--help'] : args.slice(1)
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? undefined : end).includes('--json')
}

/** The reader of a pipe has gone (`| head`): that is its right, and no error. */
function endQuietlyWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}

/** Shows our own warnings as a line for people; those of Node and its libraries are for whoever debugs. */
function showWarning(warning: Error): void {
  if (warning.name === 'SignalboxWarning') process.stderr.write(`! ${visible(warning.message)}\n`)
  else if (process.env['SIGNALBOX_DEBUG'] !== undefined) process.stderr.write(`${visible(String(warning))}\n`)
}
