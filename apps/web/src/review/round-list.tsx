import { A } from '@solidjs/router'
import type { RunView, Snapshot } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'

/** Returns the sealed rounds of a run, oldest first. */
export function roundsOf({ snapshots }: Pick<RunView, 'snapshots'>): readonly Snapshot[] {
  return snapshots.filter(({ kind }) => kind === 'round')
}

/** Returns the number in a snapshot's id: 3 of `R0031.s3`. */
export function numberOf({ id }: Pick<Snapshot, 'id'>): number {
  return Number(id.slice(id.indexOf('.s') + 2))
}

/** The rounds of a run, to choose one; what an older one is, and what a round lacks, is said. */
export function RoundList(props: { readonly run: RunView; readonly shown: Snapshot }) {
  const rounds = () => roundsOf(props.run)
  const latest = () => rounds().at(-1)
  const missing = () => props.shown.repos.flatMap((repo) => repo.missing.map(({ path, reason }) => `${repo.repo}/${path} (${reason.replaceAll('_', ' ')})`))
  return (
    <>
      <Show when={rounds().length > 1}>
        <nav class="rounds" aria-label="Rounds">
          <For each={rounds()}>
            {(round) => (
              <A href={`/runs/${props.run.id}/review${round.id === latest()?.id ? '' : `?round=${numberOf(round)}`}`} class="round" classList={{ here: round.id === props.shown.id }} aria-current={round.id === props.shown.id ? 'page' : undefined}>
                s{numberOf(round)}
                {round.id === latest()?.id ? ' latest' : ''}
              </A>
            )}
          </For>
        </nav>
      </Show>
      <Show when={props.shown.id !== latest()?.id}>
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
    </>
  )
}
