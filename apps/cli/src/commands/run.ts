import { exit, isolations, type HumanFace, type RunView } from '@signalbox/core'
import { Option, type Command } from 'commander'
import { act, type GlobalFlags } from '../act.ts'
import { examples } from '../examples.ts'
import { followRun, type Told } from '../follow.ts'
import { numberOf } from '../flags.ts'
import { snapshotIdOf, taskIdOf } from '../ids.ts'
import { lookOf } from '../look.ts'
import { note, type Shown } from '../output.ts'
import { withProgress } from '../progress.ts'
import { createTeller } from '../teller.ts'
import { runText } from '../text-run.ts'

interface Flags {
  readonly agent: string
  readonly isolation: (typeof isolations)[number]
  readonly detach?: true
  readonly from?: string
  readonly ontoTarget?: true
  readonly minutes?: string
  readonly silentMinutes?: string
  readonly tokens?: string
  readonly cost?: string
  readonly budget?: string
}

/** Defines `run TASK --agent A [-- CMD ARG…]`. */
export function define(command: Command): void {
  command
    .description('Starts an agent on a task, in checkouts of its own, and waits for its end. Ctrl-C ends the waiting, not the run.')
    .argument('<task>', 'task id, such as T0001')
    .argument('[command...]', 'after --: command and arguments, for the agent shell')
    .requiredOption('--agent <agent>', 'shell runs any command, demo is a scripted agent')
    .addOption(new Option('--isolation <kind>', 'private: own refs, index and settings; nothing of yours can be written through git. linked: a branch in your own repository; what else is altered there blocks the landing. sandbox: private, and the system confines the agent, setup and checks (Linux with bubblewrap; refused elsewhere)').choices(isolations).default('private'))
    .option('--from <snapshot>', 'begin with the files of a checkpoint or round of an earlier run of the task, such as R0001.s2, on the base that has; they are part of what this run changes, and the open findings of that run are its own then')
    .option('--onto-target', 'with --from: begin on the targets as they are now, with the change of that snapshot merged in; what conflicts is for the agent to settle')
    .option('--detach', 'return as soon as the run has its supervisor')
    .option('--minutes <n>', 'end the run in order after so many minutes')
    .option('--silent-minutes <n>', 'end the run in order once it said nothing for so many minutes')
    .option('--tokens <n>', 'stop and ask you once its agent used so many tokens, as it counts them')
    .option('--cost <n>', 'stop and ask you once its agent used so much money, as it counts it')
    .option('--budget <tokens>', 'tokens the context packet may cost')
  examples(command, "signalbox run T0001 --agent shell -- sh -c 'npm run fix'", 'signalbox run T0001 --agent demo --detach', 'signalbox run T0001 --agent demo --from R0001.s2', "signalbox run T0001 --agent shell --from R0001.s2 --onto-target -- sh -c 'your-agent'", 'signalbox run T0001 --agent demo --isolation linked', 'signalbox run T0001 --agent demo --isolation sandbox')
  command.action(act(run))
}

async function run(human: HumanFace, id: string, argv: readonly string[], flags: Flags, self: Command): Promise<Shown> {
  const started = await withProgress('starting', human.startRun(taskIdOf(id), {
    agent: flags.agent,
    argv: [...argv],
    isolation: flags.isolation,
    ...(flags.from === undefined ? {} : { from: snapshotIdOf(flags.from) }),
    ...(flags.ontoTarget === true ? { ontoTarget: true } : {}),
    ...(flags.minutes === undefined ? {} : { minutes: numberOf('--minutes', flags.minutes) }),
    ...(flags.silentMinutes === undefined ? {} : { silentMinutes: numberOf('--silent-minutes', flags.silentMinutes) }),
    ...(flags.tokens === undefined ? {} : { tokens: numberOf('--tokens', flags.tokens) }),
    ...(flags.cost === undefined ? {} : { cost: numberOf('--cost', flags.cost) }),
    ...(flags.budget === undefined ? {} : { budget: numberOf('--budget', flags.budget) }),
  }))
  if (flags.detach === true) {
    return { value: started, text: () => `${started.id} is ${started.state}`, note: `→ signalbox log ${started.id} -f` }
  }
  return followStarted(human, started, self)
}

/** Says what happens in a run and what its agent says, after what was told, until it ends, and shows it then. With `--json` the agent's words are left to the log. */
export async function followStarted(human: HumanFace, started: RunView, command: Command, told?: Told): Promise<Shown> {
  const look = lookOf(process.stderr, Date.now())
  note(`${look.ink.bold(started.id)} of ${started.task}`)
  const { onEvents, onLines } = createTeller(note, look)
  await followRun(human, started.id, command.optsWithGlobals<GlobalFlags>().json === true ? { onEvents } : { onEvents, onLines }, told)
  const ended = await human.readRun(started.id)
  return { value: ended, text: (page) => `\n${runText(ended, page)}`, exitCode: exitCodeOf(ended) }
}

function exitCodeOf({ outcome }: RunView): number {
  return outcome === 'completed' ? exit.ok : exit.environment
}
