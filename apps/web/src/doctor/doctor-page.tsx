import type { Diagnosis, Repair } from '@signalbox/core'
import { createSignal, For, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Page } from '../parts/page.tsx'
import { Problem } from '../parts/problem.tsx'
import { RemedyLine } from '../parts/remedy-line.tsx'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'
import '../styles/doctor.css'

const standings = {
  ok: { word: 'ok', tone: 'ok' },
  warning: { word: 'warning', tone: 'warn' },
  problem: { word: 'problem', tone: 'bad' },
} as const

const order = ['problem', 'warning', 'ok'] as const

/** Looks at everything the product stands on, and repairs what is safe to repair. */
export function DoctorPage() {
  const doctor = useQuery(() => queries.doctor())
  const [repairs, setRepairs] = createSignal<readonly Repair[]>()
  const fix = useAct(
    () => api.doctor({ fix: true }),
    (done) => setRepairs(done.repairs),
  )
  const repair = (): void => {
    // What the last one did is no answer to this one.
    setRepairs(undefined)
    fix.mutate()
  }
  const actions = (
    <>
      <button type="button" class="button" disabled={doctor.isFetching} onClick={() => void doctor.refetch()}>
        {doctor.isFetching ? 'Looking…' : 'Look again'}
      </button>
      <button type="button" class="button primary" disabled={fix.isPending} onClick={repair}>
        {fix.isPending ? 'Repairing…' : 'Repair what is safe'}
      </button>
    </>
  )
  return (
    <Page title="Doctor" actions={actions}>
      <Show when={fix.error}>{(error) => <Problem error={error()} title="The repair did not happen" />}</Show>
      <Show when={repairs()}>
        {(done) => (
          <Show when={done().length > 0} fallback={<p role="status">The repair found nothing that is safe to repair.</p>}>
            <ul class="diagnoses" aria-label="What the repair did">
              <For each={done()}>{(one) => <Done repair={one} />}</For>
            </ul>
          </Show>
        )}
      </Show>
      <Answer query={doctor} what="how everything is">
        {(found) => (
          <>
            <p class="doctor-sum" role="status">
              {sum(found().diagnoses)}
            </p>
            <ul class="diagnoses">
              <For each={order.flatMap((state) => found().diagnoses.filter((one) => one.state === state))}>{(diagnosis) => <Line diagnosis={diagnosis} />}</For>
            </ul>
          </>
        )}
      </Answer>
      <p class="doctor-twin">
        <Twin args="doctor" /> <Twin args="doctor --fix" />
      </p>
    </Page>
  )
}

function Line(props: { readonly diagnosis: Diagnosis }) {
  return (
    <li class="diagnosis">
      <Badge standing={standings[props.diagnosis.state]} />
      <strong>{visible(props.diagnosis.subject)}</strong>
      <div>
        <p>{visible(props.diagnosis.message)}</p>
        <RemedyLine hint={props.diagnosis.remedy} />
      </div>
    </li>
  )
}

function Done(props: { readonly repair: Repair }) {
  return (
    <li class="diagnosis">
      <Badge standing={props.repair.done ? { word: 'repaired', tone: 'ok' } : { word: 'not repaired', tone: 'bad' }} />
      <strong>{visible(props.repair.subject)}</strong>
      <div>
        <p>{visible(props.repair.message)}</p>
      </div>
    </li>
  )
}

function sum(diagnoses: readonly Diagnosis[]): string {
  const open = diagnoses.filter(({ state }) => state !== 'ok').length
  return open === 0 ? `All ${diagnoses.length} things looked at are well.` : `${open} of ${diagnoses.length} things looked at need attention.`
}
