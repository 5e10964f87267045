import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { checksOf, collect, filtersOf } from '../flags.ts'
import { repoNameOf } from '../ids.ts'
import { repoListText, repoText } from '../text-repo.ts'

interface AddFlags {
  readonly name?: string
  readonly baseBranch?: string
  readonly setup?: readonly string[]
  readonly file?: readonly string[]
  readonly check?: readonly string[]
  readonly allowFilter?: readonly string[]
}

/** Defines `repo add|list|remove`. */
export function define(command: Command): void {
  examples(command, "signalbox repo add ~/src/api --name api --check 'test=npm test'", 'signalbox repo list')
  defineAdd(command.command('add').summary('register a repository'))
  defineList(command.command('list').summary('list registered repos'))
  defineRemove(command.command('remove').summary('forget a repo; its folder is not touched'))
}

function defineList(command: Command): void {
  examples(command, 'signalbox repo list')
  command.action(
    act(async (human) => {
      const value = await human.listRepos()
      return { value, text: (look) => (value.repos.length === 0 ? '' : repoListText(value.repos, look)), note: value.repos.length === 0 ? 'No repos yet. Register one: signalbox repo add PATH --name NAME' : undefined }
    }),
  )
}

function defineRemove(command: Command): void {
  command.argument('<name>')
  examples(command, 'signalbox repo remove api')
  command.action(
    act(async (human, name: string) => {
      const value = await human.removeRepo(repoNameOf(name))
      return { value, text: () => `Forgot ${value.name}; its folder was not touched` }
    }),
  )
}

function defineAdd(command: Command): void {
  command
    .description('Registers a repository, or where one lies now that was moved. Its folder, branches and settings stay as they are.')
    .argument('<path>', 'folder of the repository')
    .option('--name <name>', "name in tasks; the folder's own name when absent")
    .option('--base-branch <branch>', 'branch that tasks land on; when absent main, else the checked-out one')
    .option('--setup <cmd>', 'command for a fresh checkout, such as npm ci; repeat for more', collect)
    .option('--file <path>', 'ignored file or folder of yours, such as .env, that a fresh checkout gets a copy of; repeat for more', collect)
    .option('--check <name=cmd>', 'command that must be green before a merge; repeat for more', collect)
    .option('--allow-filter <name>', 'filter program, such as lfs for Git LFS, that may run for it on this machine, as it is now; NAME=DIGEST for exactly the one you were shown; repeat for more', collect)
  examples(command, "signalbox repo add ~/src/api --name api --setup 'npm ci' --check 'test=npm test'", 'signalbox repo add ~/src/game --name game --allow-filter lfs')
  command.action(
    act(async (human, path: string, flags: AddFlags) => {
      const folder = resolve(path)
      const value = await human.addRepo({
        path: folder,
        name: flags.name ?? basename(folder),
        ...(flags.baseBranch === undefined ? {} : { baseBranch: flags.baseBranch }),
        setup: flags.setup === undefined ? undefined : [...flags.setup],
        files: flags.file === undefined ? undefined : [...flags.file],
        checks: flags.check === undefined ? undefined : checksOf(flags.check),
        ...(flags.allowFilter === undefined ? {} : { allowFilters: filtersOf(flags.allowFilter) }),
      })
      return { value, text: (look) => repoText(value, look), note: `→ signalbox task new TITLE --repo ${value.name}` }
    }),
  )
}
