import type { GateReport, RunView } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { useAct } from '../api/act.ts'
import { Twin } from '../parts/twin.tsx'
import { seenIn, stepOf, wantsApproval } from './gate-words.ts'
import { LandDialog } from './land-dialog.tsx'
import { landingSentence } from './landing-sentence.ts'
import { Refusal } from './refusal.tsx'

/** The one button that lands, which says exactly what it will do, and the yes that may come before it. */
export function LandButton(props: { readonly run: RunView; readonly report: GateReport; readonly stale: string | undefined }) {
  const [open, setOpen] = createSignal<'land' | 'approve'>()
  const step = () => stepOf(props.report, props.run)
  const sentence = () => landingSentence(props.report)
  const approve = useAct(() => api.approve(props.run.id, seenIn(props.report)))
  const mayLand = () => (step() === 'land' || step() === 'approve') && props.stale === undefined
  return (
    <Show when={step() !== 'merged' && step() !== 'nothing' && sentence()}>
      {(what) => (
        <div class="land">
          <button type="button" class="button primary land-button" disabled={!mayLand()} aria-describedby="land-why" onClick={() => setOpen(step() === 'approve' ? 'approve' : 'land')}>
            {what()}
          </button>
          <p id="land-why" class="muted land-why" role="status">
            {props.stale ?? whyOf(step())}
          </p>
          <Show when={wantsApproval(props.report) && seenIn(props.report)}>
            <p class="land-approve">
              <button type="button" class="button" disabled={props.stale !== undefined || approve.isPending} onClick={() => approve.mutate()}>
                {approve.isPending ? 'Approving…' : `Approve ${props.report.snapshot} only`}
              </button>
              <Twin args={`approve ${props.run.id}`} />
            </p>
          </Show>
          <Refusal error={approve.error} title="It was not approved" />
          <Show when={open()}>
            {(kind) => <LandDialog run={props.run.id} report={props.report} approve={kind() === 'approve'} fresh={props.stale === undefined} close={() => setOpen(undefined)} landed={() => setOpen(undefined)} />}
          </Show>
        </div>
      )}
    </Show>
  )
}

function whyOf(step: 'land' | 'approve' | 'blocked' | 'nothing' | 'merged'): string {
  if (step === 'land') return 'Approved. You are asked once more before anything moves.'
  return step === 'approve' ? 'Approves this round first. You are asked once more before anything moves.' : 'Not now: see what stands in the way.'
}
