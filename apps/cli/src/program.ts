import manifest from '../package.json' with { type: 'json' }
import { Command } from 'commander'
import { catalog, type CatalogEntry } from './catalog.ts'
import { examples } from './examples.ts'

/**
 * Returns the whole command line. Commands are names and summaries until one is used: only that one is loaded, so that
 * `--help` and `--version` need nothing but commander. `quiet` keeps standard error empty, for `--json`.
 */
export function createProgram(quiet = false): Command {
  const program = new Command('signalbox')
    .description('A local control plane for coding agents: from a task to a reviewed, checked and approved merge.')
    .usage('[options] COMMAND')
    .version(manifest.version, '--version', 'print the version')
    .option('--json', 'print one JSON value and nothing else')
    .option('--memory <dir>', 'the memory repo to use (else SIGNALBOX_MEMORY, else the one around this folder)')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    // Errors are reported by `reportError`, in one form for all.
    .configureOutput({ outputError: () => {}, ...(quiet ? { writeErr: () => {} } : {}) })
    .exitOverride()
  // Before the commands are made: they take these settings over.
  program.configureHelp({
    showGlobalOptions: true,
    subcommandTerm: (command) => termOf(command, program),
    visibleGlobalOptions: (command) => (command === program ? [] : program.options.filter((option) => option.long !== '--version')),
  })
  const entries = new Map<string, CatalogEntry>()
  for (const [group, commands] of Object.entries(catalog)) {
    program.commandsGroup(group)
    for (const entry of commands) {
      entries.set(entry.name, entry)
      program.command(entry.name).summary(entry.summary).description(sentence(entry.summary))
    }
  }
  program.hook('preSubcommand', async (_program, command) => {
    const loaded = await entries.get(command.name())?.load()
    loaded?.define(command)
    command.helpCommand(false)
    for (const child of command.commands) if (child.description() === '') child.description(sentence(child.summary()))
  })
  examples(program, 'signalbox demo', "signalbox task new 'Fix the login' --repo api", 'signalbox run T0001 --agent shell -- ./fix.sh', 'signalbox gate R0001', 'signalbox COMMAND --help')
  return program
}

/** Commands that are not loaded yet do not know their arguments: at the top, names are enough. */
function termOf(command: Command, program: Command): string {
  if (command.parent === program) return command.name()
  return [command.name(), command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`)).join(' ')].filter((part) => part !== '').join(' ')
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
