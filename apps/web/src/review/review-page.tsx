import { messageOf } from '@signalbox/api/client'
import { A, useParams, useSearchParams } from '@solidjs/router'
import type { RunDiff, RunView, Snapshot } from '@signalbox/core'
import { createEffect, createMemo, createSignal, lazy, on, onMount, Show, Suspense } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { Twin } from '../parts/twin.tsx'
import { count } from '../words/amounts.ts'
import { runIdOf } from '../words/ids.ts'
import { mergeStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { beginningOf } from './beginning.ts'
import { DiffBar } from './diff-bar.tsx'
import { DiffView } from './diff-view.tsx'
import { FileList } from './file-list.tsx'
import { GatePanel } from './gate-panel.tsx'
import { hasCommits } from './has-commits.ts'
import { LeftOut } from './left-out.tsx'
import { createDesk, type Desk } from './findings-desk.ts'
import { findLine } from './note-rows.ts'
import { reviewRepos } from './review-files.ts'
import { createReview } from './review-state.ts'
import { numberOf, olderSnapshots, RoundList, roundsOf } from './round-list.tsx'
import { SinceNotes } from './since-notes.tsx'
import { useReviewKeys } from './use-review-keys.ts'
import './review.css'
import './files.css'
import './diff.css'
import './gate.css'
import './part.css'

// Loaded behind the diff.
const FindingsPanel = lazy(async () => ({ default: (await import('./findings-panel.tsx')).FindingsPanel }))
// Loaded when they are first needed: most rounds land whole, and most agents commit nothing.
const PartDialog = lazy(async () => ({ default: (await import('./part-dialog.tsx')).PartDialog }))
const ClaimGap = lazy(async () => ({ default: (await import('../parts/claim-gap.tsx')).ClaimGap }))
const CommitList = lazy(async () => ({ default: (await import('./commit-list.tsx')).CommitList }))

/** The page on which a human judges what a run made, and lands it. */
export function ReviewPage() {
  const params = useParams()
  const id = () => runIdOf(params['id'])
  return (
    <Show when={id()} keyed>
      {(run) => <RunReview id={run} />}
    </Show>
  )
}

function RunReview(props: { readonly id: RunView['id'] }) {
  const [search] = useSearchParams<{ round?: string; since?: string; commit?: string }>()
  const run = useQuery(() => queries.run(props.id))
  const chosen = (view: RunView): Snapshot | undefined => view.snapshots.find((snapshot) => String(numberOf(snapshot)) === search.round) ?? roundsOf(view).at(-1)
  const compared = (view: RunView, shown: Snapshot): Snapshot | undefined => olderSnapshots(view, shown).find((snapshot) => String(numberOf(snapshot)) === search.since)
  const commit = (): string | undefined => (/^([0-9a-f]{40,64}|rest)$/.test(search.commit ?? '') ? search.commit : undefined)
  const twin = (): string => {
    const view = run.data
    const shown = view === undefined ? undefined : chosen(view)
    if (view === undefined || shown === undefined) return `diff ${props.id}`
    const since = compared(view, shown)
    const named = since !== undefined ? ` --since s${numberOf(since)}` : commit() === undefined ? '' : ` --commit ${commit()?.slice(0, 10)}`
    return `diff ${shown.id === roundsOf(view).at(-1)?.id ? props.id : shown.id}${named}`
  }
  return (
    <Page title="Review" id={props.id} beside={<Show when={landingOf(run.data)}>{(state) => <Badge standing={mergeStanding(state())} />}</Show>} actions={<Links id={props.id} task={run.data?.task} twin={twin()} />}>
      <Answer query={run} what={props.id}>
        {(view) => (
          <Show when={chosen(view())} fallback={<NoRound run={view()} />}>
            {(round) => (
              <Round run={view()} round={round()} since={compared(view(), round())} commit={commit()} />
            )}
          </Show>
        )}
      </Answer>
    </Page>
  )
}

interface Shown {
  readonly run: RunView
  readonly round: Snapshot
  readonly since: Snapshot | undefined
  /** One of the agent's own commits that is shown alone. */
  readonly commit: string | undefined
}

function Round(props: Shown) {
  const desk = createDesk(() => props)
  const commits = useQuery(() => queries.commits(props.run.id, numberOf(props.round)))
  const shown = () => (commits.data !== undefined && hasCommits(props.run, props.round, commits.data) ? commits.data : undefined)
  return (
    <div class="review">
      <div class="review-notices">
        <RoundList run={props.run} shown={props.round} since={props.since} />
        <LeftOut run={props.run} round={props.round} />
        <Suspense>
          <Show when={shown()}>{(known) => <CommitList run={props.run} round={props.round} commits={known()} chosen={props.commit} />}</Show>
        </Suspense>
        <Show when={commits.isError}>
          <p class="notice" role="status">
            The agent’s own commits could not be read: {visible(messageOf(commits.error))}
          </p>
        </Show>
      </div>
      <GatePanel run={props.run} shown={props.round.id} keepable={shown() !== undefined}>
        <Suspense>
          <FindingsPanel run={props.run} round={props.round} desk={desk} />
        </Suspense>
      </GatePanel>
      <RoundDiff {...props} desk={desk} />
    </div>
  )
}

/** Where a landing stands once it began; before, only the gate's own look says what is true now. */
function landingOf(view: RunView | undefined): RunView['merge']['state'] | undefined {
  const state = view?.merge.state
  return state === 'merging' || state === 'stuck' || state === 'merged' || state === 'undone' ? state : undefined
}

function Links(props: { readonly id: string; readonly task: string | undefined; readonly twin: string }) {
  return (
    <>
      <A href={`/runs/${props.id}`}>Run</A>
      <Show when={props.task}>{(task) => <A href={`/tasks/${task()}`}>{task()}</A>}</Show>
      <Twin args={props.twin} />
    </>
  )
}

function NoRound(props: { readonly run: RunView }) {
  return (
    <Empty title={`${props.run.id} has no sealed round yet`}>
      <p>{props.run.state === 'ended' ? 'Nothing of it was sealed for review. If its workspace still exists, seal it:' : 'A round is sealed when the run ends; this page shows it then.'}</p>
      <Show when={props.run.state === 'ended'}>
        <Twin args={`seal ${props.run.id}`} />
      </Show>
    </Empty>
  )
}

function RoundDiff(props: Shown & { readonly desk: Desk }) {
  const diff = useQuery(() => queries.diff(props.run.id, numberOf(props.round), props.since === undefined ? undefined : numberOf(props.since), props.since === undefined ? props.commit : undefined))
  return (
    <Answer query={diff} what={`the changes of ${props.round.id}`}>
      {(value) => (
        <Show when={value()} keyed>
          {(known) => <Changes diff={known} run={props.run} round={props.round} desk={props.desk} />}
        </Show>
      )}
    </Answer>
  )
}

function Changes(props: { readonly diff: RunDiff; readonly run: RunView; readonly round: Snapshot; readonly desk: Desk }) {
  const beginning = beginningOf(props.diff)
  const [shown, setShown] = createSignal(beginning)
  // The rest of a long diff is read once its beginning is on screen.
  if (beginning !== props.diff) onMount(() => requestAnimationFrame(() => setTimeout(() => setShown(props.diff))))
  const repos = createMemo(() => reviewRepos(shown()))
  const [choosing, setChoosing] = createSignal(false)
  // Between two rounds hunks are others, and what landed or is still at work has no next round, nor has a checkpoint; a diff that is read in part is not all of it.
  const isChoosable = () => shown() === props.diff && props.round.kind === 'round' && props.diff.since === undefined && props.diff.commit === undefined && props.run.state === 'ended' && ['none', 'blocked', 'approvable', 'approved', 'undone'].includes(props.run.merge.state)
  const review = createReview(repos, props.desk.places)
  const comment = (): void => {
    const file = review.files()[review.current()]
    if (file !== undefined) props.desk.pick(file, review.lineInSight())
  }
  useReviewKeys(review, comment)
  createEffect(
    on(props.desk.wanted, (finding) => {
      const place = props.desk.places().find(({ id }) => id === finding?.id)
      const file = place === undefined ? undefined : review.files().find(({ repo, path, oldPath }) => repo.name === place.repo && (place.side === 'old' ? (oldPath ?? path) : path) === place.path)
      if (place !== undefined && file !== undefined) review.goToLine(file, place.line === undefined ? undefined : findLine(file, place.side, place.line))
    }, { defer: true }),
  )
  const [listed, setListed] = createSignal(!window.matchMedia('(max-width: 1000px)').matches)
  return (
    <>
      <details class="review-files" open={listed()} onToggle={(event) => setListed(event.currentTarget.open)}>
        <summary>{count(props.diff.repos.reduce((sum, { files }) => sum + files.length, 0), 'changed file')}</summary>
        <FileList review={review} />
      </details>
      <section class="review-diff" aria-label="Diff">
        <SinceNotes since={props.diff.since} />
        <Show when={props.diff.claims}>
          {(gap) => (
            <div class="review-claims">
              <ClaimGap gap={gap()} />
            </div>
          )}
        </Show>
        <Show when={review.files().length > 0} fallback={<Show when={props.diff.since === undefined}>{<Empty title="No repo differs from its base" />}</Show>}>
          <DiffBar review={review} choose={isChoosable() ? () => setChoosing(true) : undefined} comment={props.desk.canComment() ? comment : undefined} />
          <DiffView review={review} desk={props.desk} />
        </Show>
      </section>
      <Suspense>
        <Show when={choosing()}>
          <PartDialog run={props.run.id} round={props.round} repos={repos()} close={() => setChoosing(false)} />
        </Show>
      </Suspense>
    </>
  )
}
