import { A } from '@solidjs/router'
import type { RunView, Snapshot } from '@signalbox/core'
import { sayAllReported } from '@signalbox/core/words'
import { For, Show, type JSX } from 'solid-js'
import { visible } from '../words/untrusted.ts'

/** Returns the sealed rounds of a run, oldest first. */
export function roundsOf({ snapshots }: Pick<RunView, 'snapshots'>): readonly Snapshot[] {
  return snapshots.filter(({ kind }) => kind === 'round')
}

/** Returns the number in a snapshot's id: 3 of `R0031.s3`. */
export function numberOf({ id }: Pick<Snapshot, 'id'>): number {
  return Number(id.slice(id.indexOf('.s') + 2))
}

/** Returns the snapshots that one can be compared with: those before it, oldest first. */
export function olderSnapshots({ snapshots }: Pick<RunView, 'snapshots'>, { id }: Pick<Snapshot, 'id'>): readonly Snapshot[] {
  return snapshots.slice(0, Math.max(0, snapshots.findIndex((snapshot) => snapshot.id === id)))
}

/** The rounds of a run, to choose one and what it is compared with; what an older one is, and what a round lacks, is said. */
export function RoundList(props: { readonly run: RunView; readonly shown: Snapshot; readonly since: Snapshot | undefined }) {
  const rounds = () => roundsOf(props.run)
  const latest = () => rounds().at(-1)
  const isCheckpoint = () => props.shown.kind === 'checkpoint'
  // Of checkpoints there are many: the one before is offered, and whichever is compared with.
  const older = () => {
    const all = olderSnapshots(props.run, props.shown)
    return all.filter(({ id, kind }) => kind === 'round' || id === props.since?.id || (isCheckpoint() && id === all.at(-1)?.id))
  }
  const address = (round: Snapshot, since?: Snapshot): string => {
    const parts = [round.id === latest()?.id ? [] : `round=${numberOf(round)}`, since === undefined ? [] : `since=${numberOf(since)}`].flat()
    return `/runs/${props.run.id}/review${parts.length === 0 ? '' : `?${parts.join('&')}`}`
  }
  const reported = () => sayAllReported(props.shown.repos)
  const missing = () => props.shown.repos.flatMap((repo) => repo.missing.map(({ path, reason }) => `${repo.repo}/${path} (${reason.replaceAll('_', ' ')})`))
  return (
    <>
      <Show when={rounds().length > 1 || (rounds().length === 1 && isCheckpoint())}>
        <nav class="rounds" aria-label="Rounds">
          <For each={rounds()}>
            {(round) => (
              <Choice href={address(round)} here={round.id === props.shown.id}>
                s{numberOf(round)}
                {round.id === latest()?.id ? ' latest' : ''}
              </Choice>
            )}
          </For>
        </nav>
      </Show>
      <Show when={older().length > 0}>
        <nav class="rounds" aria-label="Compared with">
          <Choice href={address(props.shown)} here={props.since === undefined}>
            all changes
          </Choice>
          <For each={older()}>
            {(round) => (
              <Choice href={address(props.shown, round)} here={round.id === props.since?.id}>
                since s{numberOf(round)}
              </Choice>
            )}
          </For>
        </nav>
      </Show>
      <Show when={isCheckpoint()}>
        <p class="notice" role="status">
          {props.shown.id} is a checkpoint, saved while the run was at work. Only a sealed round can be approved{latest() === undefined ? '' : ': '}
          <Show when={latest()}>{(round) => <A href={`/runs/${props.run.id}/review`}>look at {round().id}</A>}</Show>.
        </p>
      </Show>
      <Show when={!isCheckpoint() && props.shown.id !== latest()?.id}>
        <p class="notice" role="status">
          {props.shown.id} is an older round. It is not the one to approve; <A href={`/runs/${props.run.id}/review`}>look at {latest()?.id}</A>.
        </p>
      </Show>
      <Show when={!props.shown.complete || missing().length > 0}>
        <div class="notice" role="status">
          <p>{props.shown.id} is incomplete: not everything in the workspace could be saved, so it cannot be approved.</p>
          <ul class="paths">
            <For each={missing()}>{(path) => <li>{visible(path)}</li>}</For>
          </ul>
        </div>
      </Show>
      <Show when={reported().length > 0}>
        <div class="notice" role="status">
          <p>What to know of {props.shown.id}:</p>
          <ul class="paths">
            <For each={reported()}>{(line) => <li>{visible(line)}</li>}</For>
          </ul>
        </div>
      </Show>
    </>
  )
}

function Choice(props: { readonly href: string; readonly here: boolean; readonly children: JSX.Element }) {
  return (
    <A href={props.href} class="round" classList={{ here: props.here }} aria-current={props.here ? 'page' : undefined}>
      {props.children}
    </A>
  )
}
