import type { GateReport, RunView } from '@signalbox/core'
import { createSignal, lazy, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { useAct } from '../api/act.ts'
import { Twin } from '../parts/twin.tsx'
import { seenIn, stepOf, wantsApproval, type Step } from './gate-words.ts'
import type { Before } from './land-dialog.tsx'
import { landingSentence } from './landing-sentence.ts'
import { Refusal } from './refusal.tsx'

const LandDialog = lazy(async () => ({ default: (await import('./land-dialog.tsx')).LandDialog }))

/** The one button that lands, which says exactly what it will do, and the yes that may come before it. */
export function LandButton(props: { readonly run: RunView; readonly report: GateReport; readonly stale: string | undefined }) {
  const [open, setOpen] = createSignal<Before>()
  const step = () => stepOf(props.report, props.run)
  const sentence = () => landingSentence(props.report)
  const approve = useAct(() => api.approve(props.run.id, seenIn(props.report)))
  const before = () => beforeOf(step())
  const mayLand = () => before() !== undefined && props.stale === undefined
  return (
    <Show when={step() !== 'merged' && step() !== 'nothing' && sentence()}>
      {(what) => (
        <div class="land">
          <button type="button" class="button primary land-button" disabled={!mayLand()} aria-describedby="land-why" onClick={() => setOpen(before())}>
            {what()}
          </button>
          <p id="land-why" class="muted land-why" role="status">
            {props.stale ?? whyOf(step())}
          </p>
          <Show when={step() !== 'carry' && wantsApproval(props.report) && seenIn(props.report)}>
            <p class="land-approve">
              <button type="button" class="button" disabled={props.stale !== undefined || approve.isPending} onClick={() => approve.mutate()}>
                {approve.isPending ? 'Approving…' : `Approve ${props.report.snapshot} only`}
              </button>
              <Twin args={`approve ${props.run.id}${props.report.kept === undefined ? '' : ' --strategy keep'}`} />
            </p>
          </Show>
          <Refusal error={approve.error} title="It was not approved" />
          <Show when={open()}>
            {(kind) => <LandDialog run={props.run.id} report={props.report} before={kind()} fresh={props.stale === undefined} close={() => setOpen(undefined)} landed={() => setOpen(undefined)} />}
          </Show>
        </div>
      )}
    </Show>
  )
}

function beforeOf(step: Step): Before | undefined {
  return step === 'land' ? 'nothing' : step === 'approve' ? 'approve' : step === 'carry' ? 'refresh' : undefined
}

function whyOf(step: Step): string {
  if (step === 'land') return 'Approved. You are asked once more before anything moves.'
  if (step === 'carry') return 'Approved, and a target moved since. It is refreshed and checked first, and lands only if its change is the same. You are asked once more.'
  return step === 'approve' ? 'Approves this round first. You are asked once more before anything moves.' : 'Not now: see what stands in the way.'
}
