import type { RunId } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { Twin } from '../parts/twin.tsx'
import { Dialog } from '../shell/dialog.tsx'
import '../styles/form.css'

/** The button that lets the agent of an ended run go on, and what to say to it. */
export function ResumeRun(props: { readonly run: RunId }) {
  const [asking, setAsking] = createSignal(false)
  const [text, setText] = createSignal('')
  const resume = useAct(
    () => api.resumeRun(props.run, text().trim() === '' ? {} : { text: text() }),
    () => setAsking(false),
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    resume.mutate()
  }
  return (
    <>
      <button type="button" class="button" onClick={() => setAsking(true)}>
        Let it go on
      </button>
      <Show when={asking()}>
        <Dialog title={`Let ${props.run} go on`} close={() => setAsking(false)}>
          <form class="form" onSubmit={submit}>
            <h2>Let {props.run} go on</h2>
            <p>Its agent works on in the same workspace, in its own session where it can, else anew with its packet and its handoff. What it leaves is the next round; an approval of this one does not count for that.</p>
            <Field label="What you say to it (optional)" hint="Without a word it goes on with the task.">
              {(id) => <textarea id={id} rows="4" value={text()} onInput={(event) => setText(event.currentTarget.value)} />}
            </Field>
            <Show when={resume.error}>{(error) => <Problem error={error()} />}</Show>
            <footer class="form-foot">
              <Twin args={`resume ${props.run}`} />
              <span class="form-buttons">
                <button type="button" class="button" onClick={() => setAsking(false)}>
                  Leave it
                </button>
                <button type="submit" class="button primary" disabled={resume.isPending}>
                  {resume.isPending ? 'Starting…' : 'Let it go on'}
                </button>
              </span>
            </footer>
          </form>
        </Dialog>
      </Show>
    </>
  )
}
