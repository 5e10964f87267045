import { A } from '@solidjs/router'
import type { RunCommits, RunView, Snapshot } from '@signalbox/core'
import { sayNames } from '@signalbox/core/words'
import { createSignal, For, Show } from 'solid-js'
import { Time } from '../parts/time.tsx'
import { count, shortId, size } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { numberOf } from './round-list.tsx'
import './commits.css'

type RepoCommits = RunCommits['repos'][number]

/** The agent's own commits that led to a round, each with all that it says, and the way to what it alone changed. All their text is the agent's. */
export function CommitList(props: { readonly run: RunView; readonly round: Snapshot; readonly commits: RunCommits; readonly chosen: string | undefined }) {
  const address = (commit?: string): string => `/runs/${props.run.id}/review?round=${numberOf(props.round)}${commit === undefined ? '' : `&commit=${commit}`}`
  const [open, setOpen] = createSignal(props.chosen !== undefined)
  const total = () => props.commits.repos.reduce((sum, { commits }) => sum + commits.length, 0)
  return (
    <details class="commit-list" open={open()} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{total() === 0 ? 'The agent’s commits' : `${count(total(), 'commit')} of the agent`}</summary>
      <Show when={props.chosen}>
        <p>
          Below is what one of them changed. <A href={address()}>Look at all changes</A>
        </p>
      </Show>
      <For each={props.commits.repos}>{(repo) => <Repo repo={repo} address={address} chosen={props.chosen} />}</For>
    </details>
  )
}

function Repo(props: { readonly repo: RepoCommits; readonly address: (commit: string) => string; readonly chosen: string | undefined }) {
  const isHere = (name: string): 'page' | undefined => (props.chosen === name ? 'page' : undefined)
  return (
    <section aria-label={`Commits in ${props.repo.repo}`}>
      <h2>{props.repo.repo}</h2>
      <Show when={props.repo.unfit}>{(because) => <p class="muted">They cannot land as they are: {visible(because())}.</p>}</Show>
      <ol class="commits">
        <For each={props.repo.commits}>
          {(commit) => (
            <li>
              <A href={props.address(commit.oid)} aria-current={isHere(commit.oid)}>
                <code>{shortId(commit.oid)}</code> {commit.subject === '' ? '(no subject)' : visible(commit.subject)}
              </A>{' '}
              <span class="muted">
                {size(commit)}, by {visible(sayNames(commit))}, <Time at={commit.at} />
              </span>
              <Show when={commit.message.trim() !== commit.subject}>
                <pre class="commit-message">{visible(commit.message)}</pre>
              </Show>
            </li>
          )}
        </For>
        <Show when={props.repo.rest}>
          {(rest) => (
            <li>
              <A href={props.address('rest')} aria-current={isHere('rest')}>
                {props.repo.commits.length === 0 ? 'nothing is committed' : 'what is in no commit'}
              </A>{' '}
              <span class="muted">{size(rest())}</span>
            </li>
          )}
        </Show>
      </ol>
    </section>
  )
}
