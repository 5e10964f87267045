import type { CommentRequest, FindingView, RunView, Snapshot } from '@signalbox/core'
import { sayPlace } from '@signalbox/core/words'
import { createSignal, For, Index, onMount, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Badge } from '../parts/badge.tsx'
import { Problem } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import type { Standing } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { CommentDialog } from './comment-dialog.tsx'
import type { Desk } from './findings-desk.ts'
import { isSettled } from './note-line.tsx'
import { Refusal } from './refusal.tsx'
import { RequestChanges } from './request-changes.tsx'
import { numberOf, roundsOf } from './round-list.tsx'
import './findings.css'

/** What reviewers found in a run, with what became of each, and the way to say more or to have it seen to. */
export function FindingsPanel(props: { readonly run: RunView; readonly round: Snapshot; readonly desk: Desk }) {
  const [requesting, setRequesting] = createSignal(false)
  const latest = () => roundsOf(props.run).at(-1)
  const isOpen = () => props.run.state === 'ended' && props.run.merge.state !== 'merged' && props.run.takesBack === null
  return (
    <section aria-label="Findings" class="findings">
      <h3>Findings</h3>
      <Show when={props.desk.query.isError ? props.desk.query.error : undefined}>{(error) => <Problem error={error()} title="What was found could not be read" />}</Show>
      <ul class="finding-list">
        <Index each={props.desk.findings()}>{(finding) => <Card run={props.run} finding={finding()} goTo={() => props.desk.goTo(finding())} />}</Index>
      </ul>
      <div class="gate-act">
        <Show when={props.desk.canComment()}>
          <button type="button" class="button" onClick={() => props.desk.comment(undefined)}>
            Comment on the run…
          </button>
        </Show>
        <Show when={isOpen() && latest()}>
          <button type="button" class="button" onClick={() => setRequesting(true)}>
            Request changes…
          </button>
        </Show>
      </div>
      <Show when={requesting() && latest()}>{(round) => <RequestChanges run={props.run} round={round()} findings={props.desk.findings()} close={() => setRequesting(false)} />}</Show>
      <Show when={props.desk.commenting()}>{(about) => <CommentDialog run={props.run.id} round={numberOf(props.round)} at={about().at} close={props.desk.stop} />}</Show>
    </section>
  )
}

const standings = { open: { word: 'open', tone: 'bad' }, outdated: { word: 'outdated, still open', tone: 'bad' }, addressed: { word: 'addressed', tone: 'ok' }, declined: { word: 'declined', tone: 'quiet' } } as const satisfies Record<FindingView['state'], Standing>

/** One finding: where it is, what was said, and the words that settle it. What is typed goes with whichever of them. */
function Card(props: { readonly run: RunView; readonly finding: FindingView; readonly goTo: () => void }) {
  const [text, setText] = createSignal('')
  const [replying, setReplying] = createSignal(false)
  const finding = () => props.finding
  const said = () => (text().trim() === '' ? {} : { text: text().trim() })
  const act = useAct(
    (state: CommentRequest['state']) => api.comment(props.run.id, { finding: finding().id, ...said(), ...(state === undefined ? {} : { state }) }),
    () => {
      setText('')
      setReplying(false)
    },
  )
  const word = (state: CommentRequest['state'], name: string) => (
    <button type="button" class="button" disabled={act.isPending || (state === undefined && said().text === undefined)} onClick={() => act.mutate(state)}>
      {name}
    </button>
  )
  return (
    <li class="finding" id={`finding-${finding().id}`} tabindex="-1" aria-label={`${finding().id}, ${standings[finding().state].word}`}>
      <p class="finding-head">
        <strong>{finding().id}</strong>
        <Badge standing={standings[finding().state]} />
        <Show when={finding().anchor} fallback={<span class="muted">{sayPlace(finding())}</span>}>
          <button type="button" class="link-button" onClick={() => props.goTo()}>
            {visible(sayPlace(finding()))}
          </button>
        </Show>
      </p>
      <Show when={finding().because}>{(because) => <p class="muted">{visible(because())}</p>}</Show>
      <Show when={finding().lines}>
        {(lines) => (
          <pre class="finding-lines">
            <code>{lines().map(visible).join('\n')}</code>
          </pre>
        )}
      </Show>
      <p class="finding-text">{visible(finding().text)}</p>
      <p class="muted">
        {visible(finding().by)}, <Time at={finding().at} />
        <Show when={finding().from}>{(from) => ` (${from().finding} of ${from().run})`}</Show>
      </p>
      <For each={finding().replies}>
        {(reply) => (
          <div class="finding-reply">
            <Show when={reply.text}>{(words) => <p class="finding-text">{visible(words())}</p>}</Show>
            <p class="muted">
              {reply.state === null ? '' : `${reply.state === 'open' ? 'opened again' : reply.state} by `}
              {visible(reply.by)}, <Time at={reply.at} />
            </p>
          </div>
        )}
      </For>
      <Show when={replying()}>
        <label class="finding-reply">
          What to say
          <textarea rows={3} ref={focus} value={text()} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </Show>
      <div class="gate-act">
        <Show when={replying()} fallback={<button type="button" class="button" onClick={() => setReplying(true)}>Reply…</button>}>
          {word(undefined, 'Reply')}
        </Show>
        <Show when={isSettled(finding())} fallback={<>{word('addressed', 'Addressed')}{word('declined', 'Decline')}</>}>
          {word('open', 'Reopen')}
        </Show>
      </div>
      <Twin args={`comment ${props.run.id} --${isSettled(finding()) ? 'reopen' : 'addressed'} ${finding().id}`} />
      <Refusal error={act.error} title="It was refused" />
    </li>
  )
}

function focus(field: HTMLElement): void {
  onMount(() => field.focus())
}
