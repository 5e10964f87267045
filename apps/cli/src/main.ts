import { CommanderError } from 'commander'
import { createProgram } from './program.ts'

process.stdout.on('error', endQuietlyWhenNobodyReads)
process.stderr.on('error', endQuietlyWhenNobodyReads)

await main(process.argv.slice(2))

/** Runs the command line; the exit code is set, not forced, so that everything written is also printed. */
async function main(args: readonly string[]): Promise<void> {
  const json = wantsJson(args)
  try {
    await createProgram(json).parseAsync([...asked(args)], { from: 'user' })
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return
    const { reportError } = await import('./errors.ts')
    const { usageErrorOf } = await import('./usage-error.ts')
    process.exitCode = reportError(thrown instanceof CommanderError ? usageErrorOf(thrown) : thrown, json)
  }
}

/** Reads `help task` and a bare call as the help they ask for. */
function asked(args: readonly string[]): readonly string[] {
  if (args.length === 0) return ['--help']
  return args[0] === 'help' ? [...args.slice(1), '--help'] : args
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
