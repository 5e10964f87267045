import { A } from '@solidjs/router'
import type { GateReport, MergeStrategy, RunView } from '@signalbox/core'
import { sayApproval } from '@signalbox/core/words'
import { createSignal, Show, type JSX } from 'solid-js'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Time } from '../parts/time.tsx'
import { WaivedList } from '../parts/waived-list.tsx'
import { shortId } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { Blockers } from '../parts/blockers.tsx'
import { CheckList } from './check-list.tsx'
import { GateActs } from './gate-acts.tsx'
import { stepOf, verdictOf } from './gate-words.ts'
import { LandButton } from './land-button.tsx'
import { Landed } from './landed.tsx'
import { TargetPictures } from './target-picture.tsx'
import { useGate } from './use-gate.ts'
import { WaiveDialog, type Waiving } from './waive-dialog.tsx'

/** Whether a run may land, every reason why not, and the acts that follow from it. */
export function GatePanel(props: { readonly run: RunView; readonly shown: string; readonly keepable: boolean; readonly children: JSX.Element }) {
  const [way, setWay] = createSignal<MergeStrategy>()
  const { gate, stale } = useGate(() => props.run.id, way)
  const [waiving, setWaiving] = createSignal<Waiving>()
  return (
    <aside class="gate-panel" aria-label="Gate">
      <Answer query={gate} what="the gate">
        {(report) => (
          <>
            <section aria-label="Verdict" class="gate-verdict">
              <header class="gate-head">
                <h2>Gate</h2>
                <Badge standing={verdictOf(report(), props.run)} />
              </header>
              <Show when={props.keepable && stepOf(report(), props.run) !== 'merged'}>
                <Ways kept={report().kept !== undefined} choose={setWay} />
              </Show>
              <Show when={stepOf(report(), props.run) === 'merged'}>
                <Landed run={props.run} />
              </Show>
              <Show when={stepOf(report(), props.run) === 'nothing'}>
                <p>{visible(report().blockers[0]?.message ?? 'No repo differs from its base.')}</p>
              </Show>
              <LandButton run={props.run} report={report()} stale={stale() ?? unseen(report(), props.shown)} />
            </section>
            <Show when={stepOf(report(), props.run) !== 'merged' && report().blockers.length > 0}>
              <section aria-label="Reasons">
                <h3>{report().blockers.length === 1 ? 'What stands in the way' : `${report().blockers.length} reasons stand in the way`}</h3>
                <Blockers blockers={report().blockers} waive={(blocker) => setWaiving({ blocker, digest: report().digest ?? '', ...(report().kept === undefined ? {} : { strategy: 'keep' as const }) })} />
              </section>
            </Show>
            {props.children}
            <Show when={props.run.waived.length > 0}>
              <section aria-label="Waived">
                <h3>Waived</h3>
                <WaivedList waived={props.run.waived} />
              </section>
            </Show>
            <section aria-label="Targets">
              <h3>Targets</h3>
              <TargetPictures repos={report().repos} blockers={stepOf(report(), props.run) === 'merged' ? [] : report().blockers} snapshot={report().snapshot} landed={landedHeads(props.run)} />
            </section>
            <section aria-label="Checks">
              <h3>Checks</h3>
              <CheckList run={props.run.id} receipts={props.run.receipts} digest={report().digest ?? undefined} />
            </section>
            <Show when={props.run.approval}>
              {(approval) => (
                <section aria-label="Approval">
                  <h3>Approval</h3>
                  <Show when={report().blockers.some(({ code }) => code === 'approval_stale')}>
                    <Badge standing={{ word: 'no longer holds', tone: 'warn' }} />
                  </Show>
                  <p>
                    {visible(sayApproval(approval()))}, <Time at={approval().at} />, digest <code title={approval().digest}>{shortId(approval().digest)}</code>
                  </p>
                </section>
              )}
            </Show>
            <GateActs run={props.run} report={report()} />
            <Show when={props.run.handoff}>
              {(handoff) => (
                <p>
                  Handoff <A href={`/handoffs/${handoff()}`}>{handoff()}</A>
                </p>
              )}
            </Show>
          </>
        )}
      </Answer>
      <Show when={waiving()}>{(about) => <WaiveDialog run={props.run.id} about={about()} close={() => setWaiving(undefined)} />}</Show>
    </aside>
  )
}

/** What of the run is judged and would land. */
function Ways(props: { readonly kept: boolean; readonly choose: (way: MergeStrategy) => void }) {
  return (
    <fieldset class="ways">
      <legend class="muted">Land</legend>
      <label>
        <input type="radio" name="way" checked={!props.kept} onChange={() => props.choose('squash')} /> the change as one
      </label>
      <label>
        <input type="radio" name="way" checked={props.kept} onChange={() => props.choose('keep')} /> the agent’s commits
      </label>
    </fieldset>
  )
}

/** The gate judges the latest round, and nobody says yes to what they do not look at. */
function unseen({ snapshot }: GateReport, shown: string): string | undefined {
  return snapshot === null || snapshot === shown ? undefined : `${snapshot} is what would land, and you look at ${shown}.`
}

function landedHeads({ merge }: RunView): ReadonlyMap<string, string> {
  return new Map(merge.state === 'merged' ? merge.repos.map(({ repo, to }) => [repo, to]) : [])
}
