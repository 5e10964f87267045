import { setTimeout as delay } from 'node:timers/promises'
import { mergeForm, runForm } from './contract.ts'
import { startSignalbox, type Aim } from './killable.ts'
import { findFaults, takeStock, type Faults, type Stock } from './landing-faults.ts'
import { countSteps, isRewriting, landingFilesOf, readProgress, type LandingFiles } from './landing-files.ts'
import { awaitMoment, now, spread, whenMade, whenTrue, type Moment } from './moment.ts'
import { saveWorld } from './saved-world.ts'
import { prepareThreeTargets, type ThreeTargets } from './three-targets.ts'
import { createWorld, type World } from './world.ts'

/** One landing that was killed, how far it was, and what was wrong after recovery. */
export interface KilledRound {
  readonly name: string
  readonly progress: string
  readonly merged: boolean
  readonly faults: Faults
}

/** One world whose landing is killed again and again. */
interface Lane {
  readonly world: World
  readonly three: ThreeTargets
  readonly files: LandingFiles
  readonly stock: Stock
  readonly restore: () => void
  readonly times: Times
}

/** Milliseconds of a landing that nobody disturbs, on this machine and now. */
interface Times {
  readonly whole: number
  /** From one entry of the journal to the next. */
  readonly step: number
  /** From the last entry to the end: what is recorded once all targets have moved. */
  readonly settling: number
  /** How long git holds the index of a checkout. */
  readonly rewriting: number
  readonly recovery: number
}

interface Kill {
  readonly moment: Moment
  readonly aim: Aim
  /** Milliseconds after which recovery is killed as well; undefined leaves it alone. */
  readonly again: number | undefined
}

/** Kills a landing so many times and returns what was found after each recovery. */
export async function killLandings(count: number, lane: number): Promise<readonly KilledRound[]> {
  const place = await openLane()
  const rounds: KilledRound[] = []
  let untouched = false
  for (const [index, kill] of planKills(count, place).entries()) {
    // What was taken back is as it was, so the next landing can be killed there.
    if (!untouched) place.restore()
    const round = await killOnce(place, kill, `${lane}.${index}`)
    untouched = !round.merged && kill.again === undefined && Object.values(round.faults).every((faults) => faults.length === 0)
    rounds.push(round)
  }
  await place.world.close()
  return rounds
}

async function openLane(): Promise<Lane> {
  const world = await createWorld()
  const three = await prepareThreeTargets(world)
  const restore = await saveWorld(world)
  const files = landingFilesOf(world, three)
  const before = takeStock(world, three)
  const times = await rehearse(world, three, files)
  // What a landing leaves that nobody disturbed is what may lie about.
  const stock = { ...before, paths: new Set([...before.paths, ...takeStock(world, three).paths]) }
  return { world, three, files, stock, restore, times }
}

/** Lets one landing through and takes its times. */
async function rehearse(world: World, { run }: ThreeTargets, files: LandingFiles): Promise<Times> {
  const began = performance.now()
  const call = startSignalbox(world, ['merge', run.id, '--json'])
  const over = new AbortController()
  const ended = call.ended.then(() => over.abort())
  const steps: number[] = []
  let rewriting = 0
  for (let last = began; !over.signal.aborted; await delay(1)) {
    const at = performance.now()
    if (countSteps(files) > steps.length) steps.push(at)
    if (isRewriting(files)) rewriting += at - last
    last = at
  }
  await ended
  const done = performance.now()
  await world.ask(runForm, ['show', run.id])
  const recovery = performance.now() - done
  await world.signalbox(['task', 'edit', run.task, '--priority', '1'])
  const [first = began, final = done] = [steps[0], steps.at(-1)]
  return { whole: done - began, step: (final - first) / entries, settling: done - final, rewriting: rewriting / 2, recovery }
}

/** Entries that the journal of a landing in three repos comes to: it begins, and each repo is under way and done. */
const entries = 7

/**
 * Plans where to kill: a quarter over the whole call, half of them while targets move, each after an entry of the journal
 * or while git rewrites a checkout, so that they hit there however busy the machine is, and a quarter while the landing
 * is recorded. Every fourth spares git's own processes; every fifth kills recovery as well.
 */
function planKills(count: number, { files, times }: Lane): readonly Kill[] {
  const quarter = Math.ceil(count / 4)
  const moments: readonly Moment[] = [
    ...spread(quarter, times.whole).map((ms) => ({ after: 'the start', seen: now, ms })),
    ...spread(count - 2 * quarter, entries + 5).map((place, index) => {
      const entry = Math.floor(place)
      if (entry >= entries + 2) return { after: 'git wrote the first file', seen: whenMade(files.firstWritten), ms: index % 3 }
      if (entry >= entries) return { after: 'git began', seen: whenMade(files.indexLocks), ms: Math.random() * Math.min(times.rewriting, 10) }
      return { ...afterEntry(files, entry), ms: index % 3 === 0 ? 0 : Math.random() * Math.min(times.step, 20) }
    }),
    ...spread(quarter, times.settling).map((ms) => ({ ...afterEntry(files, entries - 1), ms })),
  ]
  return moments.slice(0, count).map((moment, index) => ({ moment, aim: index % 4 === 3 ? 'program' : 'group', again: index % 5 === 4 ? times.recovery * (0.3 + Math.random() * 0.7) : undefined }))
}

function afterEntry(files: LandingFiles, entry: number): Omit<Moment, 'ms'> {
  return { after: `entry ${entry} of the journal`, seen: whenTrue(() => countSteps(files) > entry) }
}

async function killOnce({ world, three, files, stock }: Lane, { moment, aim, again }: Kill, number: string): Promise<KilledRound> {
  const { run, targets } = three
  const call = startSignalbox(world, ['merge', run.id, '--json'])
  await awaitMoment(call, moment)
  call.kill(aim)
  await call.ended
  const progress = readProgress(files, targets)
  const name = `round ${number} (${aim} killed ${Math.round(moment.ms)} ms after ${moment.after}${again === undefined ? '' : ', then recovery'}: ${progress})`
  if (again !== undefined) {
    const recovery = startSignalbox(world, ['show', run.id])
    await awaitMoment(recovery, { seen: now, ms: again })
    recovery.kill('group')
    await recovery.ended
  }
  const { faults, merged } = await findFaults(world, three, stock)
  return { name, progress, merged, faults: { ...faults, afterwards: again === undefined ? [] : await goOn(world, three, merged) } }
}

/** What a human does next: take it back, or land it after all. */
async function goOn(world: World, { run }: ThreeTargets, merged: boolean): Promise<readonly string[]> {
  try {
    await world.ask(mergeForm, [merged ? 'undo' : 'merge', run.id])
    return []
  } catch (error) {
    return [String(error)]
  }
}
