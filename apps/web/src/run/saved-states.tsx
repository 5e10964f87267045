import { A } from '@solidjs/router'
import type { RunView, Snapshot, TimelineEntry } from '@signalbox/core'
import { sayReason } from '@signalbox/core/words'
import { For, Show } from 'solid-js'
import { Badge } from '../parts/badge.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { numberOf } from '../review/round-list.tsx'
import { count, shortId, size } from '../words/amounts.ts'
import { timeOfDay } from '../words/time-of-day.ts'
import { visible } from '../words/untrusted.ts'

/** When and why a run was saved, as it happens: its checkpoints, its rounds, and what failed; each can be looked at, and gone back to. */
export function SavedStates(props: { readonly run: RunView }) {
  const kept = () => props.run.timeline.filter(({ thinned }) => !thinned)
  const thinned = () => props.run.timeline.length - kept().length
  const last = () => props.run.snapshots.findLast(({ complete }) => complete)?.id
  const words = () => (props.run.argv.length === 0 ? '' : ' -- COMMAND')
  return (
    <Section title="Snapshots">
      <Show when={kept().length > 0} fallback={<p class="muted">Nothing saved yet. What it changes is saved now and then while it works, and when it ends.</p>}>
        <ol class="timeline" aria-live="polite">
          <For each={kept()}>{(entry) => <Entry run={props.run} entry={entry} />}</For>
        </ol>
      </Show>
      <Show when={thinned() > 0}>
        <p class="muted">{count(thinned(), 'checkpoint')} thinned out: so many are kept of a run, spread over it.</p>
      </Show>
      <Twin args={`diff ${props.run.id}`} />
      <Show when={last()}>
        {(id) => (
          <details class="go-back">
            <summary>Go back to one of them</summary>
            <p class="muted">A new run that begins with its files, on the same base:</p>
            <Twin args={`run ${props.run.task} --agent ${props.run.agent} --from ${id()}${words()}`} />
            <p class="muted">Its files, byte for byte, in a folder that is empty or not there yet:</p>
            <Twin args={`restore ${id()} FOLDER`} />
          </details>
        )}
      </Show>
    </Section>
  )
}

const tones = { checkpoint: 'quiet', round: 'info', failed: 'warn' } as const satisfies Record<TimelineEntry['kind'], string>

function Entry(props: { readonly run: RunView; readonly entry: TimelineEntry }) {
  const snapshot = () => props.run.snapshots.find(({ id }) => id === props.entry.snapshot)
  return (
    <li class={`timeline-${tones[props.entry.kind]}`}>
      <time dateTime={props.entry.at} title={props.entry.at}>
        {timeOfDay(props.entry.at)}
      </time>
      <span>
        <Show when={snapshot()} fallback={`No checkpoint, though ${sayReason(props.entry.reason)}: ${visible(props.entry.because ?? '')}`}>
          {(saved) => <Saved run={props.run} entry={props.entry} saved={saved()} />}
        </Show>
      </span>
    </li>
  )
}

function Saved(props: { readonly run: RunView; readonly entry: TimelineEntry; readonly saved: Snapshot }) {
  return (
    <>
      <A href={`/runs/${props.run.id}/review?round=${numberOf(props.saved)}`}>{props.saved.id}</A>{' '}
      <span class="muted">
        {props.entry.kind}, {sayReason(props.entry.reason)}
      </span>{' '}
      {props.saved.repos.map((saved) => `${saved.repo} ${size(saved)}`).join(' · ')}{' '}
      <Show when={props.entry.kind === 'round'}>
        <span class="muted">
          digest <code title={props.saved.digest}>{shortId(props.saved.digest)}</code>
        </span>{' '}
      </Show>
      <Show when={!props.saved.complete}>
        <Badge standing={{ word: 'incomplete', tone: 'bad' }} />
      </Show>
    </>
  )
}
