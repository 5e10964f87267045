import type { Blocker, GateReport } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { shortId, size } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { targetState, type TargetState } from './target-state.ts'

type GateRepo = GateReport['repos'][number]

interface Props {
  readonly repos: readonly GateRepo[]
  readonly blockers: readonly Blocker[]
  readonly snapshot: string | null
  /** Heads that this run's own landing moved the targets to, by repo. */
  readonly landed: ReadonlyMap<string, string>
}

/** A small picture per repo: where the run began, what it made, and where the target is now. */
export function TargetPictures(props: Props) {
  return (
    <ul class="pictures">
      <For each={props.repos}>
        {(repo) => {
          const state = (): TargetState => (props.landed.has(repo.repo) ? { words: ['equal'], tone: 'ok', sentence: 'holds what landed' } : targetState(repo, props.blockers))
          return (
            <li class="picture">
              <p class="picture-head">
                <span>
                  <strong>{repo.repo}</strong> → {visible(repo.branch)}
                </span>
                <span class="muted">{repo.changed ? size(repo) : 'unchanged'}</span>
              </p>
              <Picture repo={repo} state={state()} landed={props.landed.get(repo.repo)} snapshot={props.snapshot ?? 'no round'} />
              <p class={`picture-words tone-${state().tone}`}>
                {visible(repo.branch)} {state().sentence}
              </p>
              <Show when={repo.checkout}>
                {(checkout) => (
                  <p class="muted checkout" title="The checkout this landing would update">
                    {visible(checkout())}
                  </p>
                )}
              </Show>
            </li>
          )
        }}
      </For>
    </ul>
  )
}

/** Drawn on a line from left to right: the base, above it the snapshot, and the target where it is. */
function Picture(props: { readonly repo: GateRepo; readonly state: TargetState; readonly landed: string | undefined; readonly snapshot: string }) {
  const isAt = (): boolean => props.landed === undefined && (props.repo.targetHead === props.repo.base || !props.repo.changed)
  const isKnown = (): boolean => props.landed !== undefined || (props.repo.targetHead !== null && !props.state.words.includes('unknown'))
  const head = (): string => props.landed ?? props.repo.targetHead ?? ''
  const label = (): string =>
    `Base ${shortId(props.repo.base)}; ${props.repo.changed ? `snapshot ${props.snapshot} on it` : 'no change on it'}; target ${props.repo.branch} ${isKnown() ? `at ${shortId(head())}` : 'not known'}, ${props.state.sentence}`
  return (
    <svg class="picture-drawing" viewBox="0 0 256 72" role="img" aria-label={label()}>
      <line class="drawn-line" x1="12" y1="48" x2={isAt() ? 40 : 216} y2="48" />
      <circle class="drawn-base" cx="40" cy="48" r="5" />
      <text class="drawn-text" x="40" y="67" text-anchor="middle">
        {isAt() ? '' : 'base '}
        {props.repo.base.slice(0, 7)}
      </text>
      <Show when={props.repo.changed}>
        <path class="drawn-branch" d={props.landed === undefined ? 'M40 48 C56 48 56 20 76 20 H120' : 'M40 48 C56 48 56 20 76 20 H150 C190 20 190 48 216 48'} />
        <circle class="drawn-snapshot" cx="120" cy="20" r="6" />
        <text class="drawn-text" x="132" y="15">
          {props.snapshot}
        </text>
      </Show>
      <g class={`drawn-target tone-${props.state.tone}`}>
        <Show
          when={isKnown()}
          fallback={
            <text class="drawn-word" x="216" y="52" text-anchor="middle">
              ?
            </text>
          }
        >
          <circle cx={isAt() ? 40 : 216} cy="48" r="8" />
        </Show>
        <text class="drawn-text" x={isAt() ? 80 : 216} y={isAt() ? 52 : 67} text-anchor={isAt() ? 'start' : 'middle'}>
          {isAt() ? `${props.repo.branch} is here` : `${props.repo.branch} ${head().slice(0, 7)}`}
        </text>
      </g>
    </svg>
  )
}
