import type { RunId } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { Twin } from '../parts/twin.tsx'
import { Dialog } from '../shell/dialog.tsx'
import '../styles/form.css'

/** The button that ends a run, and the question whether that is meant. */
export function CancelRun(props: { readonly run: RunId }) {
  const [asking, setAsking] = createSignal(false)
  const [because, setBecause] = createSignal('')
  const cancel = useAct(
    () => api.cancelRun(props.run, because().trim() === '' ? {} : { because: because() }),
    () => setAsking(false),
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    cancel.mutate()
  }
  return (
    <>
      <button type="button" class="button danger" onClick={() => setAsking(true)}>
        Cancel the run
      </button>
      <Show when={asking()}>
        <Dialog title={`Cancel ${props.run}?`} close={() => setAsking(false)}>
          <form class="form" onSubmit={submit}>
            <h2>Cancel {props.run}?</h2>
            <p>The agent and every process it started are ended. What it changed so far is sealed, and a handoff is written; nothing is thrown away.</p>
            <Field label="Why (optional)" hint="Goes into the run's record.">
              {(id) => <input id={id} autocomplete="off" value={because()} onInput={(event) => setBecause(event.currentTarget.value)} />}
            </Field>
            <Show when={cancel.error}>{(error) => <Problem error={error()} />}</Show>
            <footer class="form-foot">
              <Twin args={`cancel ${props.run}`} />
              <span class="form-buttons">
                <button type="button" class="button" onClick={() => setAsking(false)}>
                  Keep it running
                </button>
                <button type="submit" class="button danger" disabled={cancel.isPending}>
                  {cancel.isPending ? 'Ending it…' : 'Cancel the run'}
                </button>
              </span>
            </footer>
          </form>
        </Dialog>
      </Show>
    </>
  )
}
