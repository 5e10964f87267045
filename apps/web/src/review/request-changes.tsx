import { useNavigate } from '@solidjs/router'
import type { FindingView, RunView, Snapshot } from '@signalbox/core'
import { createSignal } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { count } from '../words/amounts.ts'
import { quote } from '../words/shell-quote.ts'
import { visible } from '../words/untrusted.ts'
import { isSettled } from './note-line.tsx'
import { Refusal } from './refusal.tsx'
import '../styles/form.css'

/** Says what it starts before it starts it: the run goes on with all that is open about its latest round, or where it cannot, another one begins with that. */
export function RequestChanges(props: { readonly run: RunView; readonly round: Snapshot; readonly findings: readonly FindingView[]; readonly close: () => void }) {
  const navigate = useNavigate()
  const [text, setText] = createSignal('')
  const open = () => props.findings.filter((finding) => !isSettled(finding)).length
  const goesOn = () => props.run.workspace !== null && props.run.resolving === null
  const title = () => `Request changes of ${props.round.id}`
  const act = useAct(
    () => api.requestChanges(props.run.id, { ...(text().trim() === '' ? {} : { text: text().trim() }), ...(goesOn() ? {} : { agent: props.run.agent }) }),
    (run) => navigate(`/runs/${run.id}`),
  )
  return (
    <Dialog title={title()} close={props.close}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          act.mutate()
        }}
      >
        <h2>{title()}</h2>
        <p>
          {goesOn() ? `Lets ${props.run.id} go on in its workspace: ` : `Starts a new run of ${props.run.task}, which begins with the files of ${props.round.id}: `}
          {visible([props.run.agent, ...props.run.argv.map(quote)].join(' '))} is told of {count(open(), 'open finding')}
          {text().trim() === '' ? '' : ' and what you write here'}, in one message. {goesOn() ? 'What it leaves is the next round.' : `${props.run.id} stays as it is.`} Findings stay open until you settle them.
        </p>
        <Field label={open() === 0 ? 'What is to change' : 'One more finding, on the run as a whole (it may stay empty)'}>
          {(id) => <textarea id={id} rows={4} autofocus required={open() === 0} value={text()} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <Refusal error={act.error} title="It was refused" />
        <FormFoot twin={`request-changes ${props.run.id}${text().trim() === '' ? '' : ` ${quote(text().trim())}`}${goesOn() ? '' : ` --agent ${quote(props.run.agent)}`}`} act={goesOn() ? 'Let it go on' : 'Start the run'} isPending={act.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}
