import type { GateReport, MergeResult, RunId } from '@signalbox/core'
import { createSignal, For, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { useAct } from '../api/act.ts'
import { Twin } from '../parts/twin.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { shortId } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { isSameGate, refreshedIn, seenIn } from './gate-words.ts'
import { landingSentence, type Strategy } from './landing-sentence.ts'
import { Refusal } from './refusal.tsx'

/** What a landing does before it lands: nothing, give the yes, or refresh and carry the yes over. */
export type Before = 'nothing' | 'approve' | 'refresh'

interface Props {
  readonly run: RunId
  /** The gate as it is now; what it was when the dialog opened is what the human says yes to. */
  readonly report: GateReport
  readonly before: Before
  /** Whether the report can be believed at this moment. */
  readonly fresh: boolean
  readonly close: () => void
  readonly landed: (result: MergeResult) => void
}

const words = { nothing: 'Land', approve: 'Approve and land', refresh: 'Refresh and land' } as const satisfies Record<Before, string>
const flags = { nothing: '', approve: ' --approve', refresh: ' --refresh' } as const satisfies Record<Before, string>

const strategies = [
  ['squash', 'One commit', 'The change lands as a single commit on the target.'],
  ['merge', 'A merge commit', 'The change is a commit of its own, and a merge commit brings it to the target.'],
] as const

/** Says once more what will land and asks for the last yes, which names exactly what was seen. */
export function LandDialog(props: Props) {
  const seen = props.report
  const [strategy, setStrategy] = createSignal<Strategy>('squash')
  const land = useAct(() => api.merge(props.run, { strategy: seen.kept === undefined ? strategy() : 'keep', ...(props.before === 'nothing' ? {} : { [props.before]: true, ...seenIn(seen) }) }), props.landed)
  const isSame = (): boolean => isSameGate(seen, props.report)
  const word = (): string => words[props.before]
  return (
    <Dialog title={`${word()} ${seen.snapshot ?? props.run}`} close={props.close} class="land-dialog">
      <header class="dialog-head">
        <h2>
          {word()} {seen.snapshot}
        </h2>
      </header>
      <p class="landing-sentence">{landingSentence(seen, strategy())}</p>
      <Show when={props.before === 'refresh' && seen.carries}>
        {(yes) => (
          <p>
            The yes of {visible(yes().by)} to {seen.snapshot} is carried over, if the change is proven the same on the targets as they are now and every check is green. Otherwise there is a new round to look at, and nothing lands.
          </p>
        )}
      </Show>
      <dl class="facts">
        <For each={seen.repos.filter(({ changed }) => changed)}>
          {(repo) => (
            <>
              <dt>
                {repo.repo} → {visible(repo.branch)}
              </dt>
              <dd>
                from <code>{shortId(repo.targetHead ?? '')}</code>
                {repo.checkout === null ? ', checked out nowhere' : `, and the checkout ${visible(repo.checkout)}`}
              </dd>
            </>
          )}
        </For>
        <For each={seen.waived}>
          {({ code, repo, because }) => (
            <>
              <dt>Waived</dt>
              <dd>
                <code>{code}</code> {repo}: {visible(because)}
              </dd>
            </>
          )}
        </For>
        <dt>Digest</dt>
        <dd>
          <code title={seen.digest ?? ''}>{shortId(seen.digest ?? '')}</code>
        </dd>
      </dl>
      <Show when={seen.kept === undefined} fallback={<p>The agent’s own commits land as they are, byte for byte, with the names and messages that the agent gave them. Only the last state was checked, not each of them.</p>}>
        <fieldset class="strategies">
          <legend>How</legend>
          <For each={strategies}>
            {([value, name, what]) => (
              <label>
                <input type="radio" name="strategy" value={value} checked={strategy() === value} onChange={() => setStrategy(value)} />
                <span>
                  {name} <span class="muted">{what}</span>
                </span>
              </label>
            )}
          </For>
        </fieldset>
      </Show>
      <p class="twin-line">
        <Twin args={`merge ${props.run}${flags[props.before]}${seen.kept !== undefined ? ' --strategy keep' : strategy() === 'merge' ? ' --strategy merge' : ''}`} />
      </p>
      <Show when={!isSame() && !land.isPending && !land.error}>
        <p class="notice" role="status">
          Something changed since you opened this. Close it and look again; nothing was done.
        </p>
      </Show>
      <Refusal error={land.error} title="It did not land" />
      <Show when={refreshedIn(land.error)}>{(made) => <p class="notice">{made()} was made on the moved targets. Look at what is new in it, then decide on that.</p>}</Show>
      <div class="dialog-actions">
        <button type="button" class="button" autofocus onClick={() => props.close()}>
          Cancel
        </button>
        <button type="button" class="button primary" disabled={land.isPending || !isSame() || !props.fresh} onClick={() => land.mutate()}>
          {land.isPending ? (props.before === 'refresh' ? 'Refreshing, checking, landing…' : 'Landing…') : word()}
        </button>
      </div>
    </Dialog>
  )
}
