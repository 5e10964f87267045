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
import { shellWord } from './shell-word.ts'
import '../styles/form.css'

/** Says what it starts before it starts it: a run that begins with the latest round and is told all that is open about it. */
export function RequestChanges(props: { readonly run: RunView; readonly round: Snapshot; readonly findings: readonly FindingView[]; readonly close: () => void }) {
  const navigate = useNavigate()
  const [text, setText] = createSignal('')
  const open = () => props.findings.filter((finding) => !isSettled(finding)).length
  const title = () => `Request changes of ${props.round.id}`
  const act = useAct(
    () => api.requestChanges(props.run.id, text().trim() === '' ? {} : { text: text().trim() }),
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
          Starts a new run of {props.run.task} by {visible([props.run.agent, ...props.run.argv.map(quote)].join(' '))}. It begins with the files of {props.round.id}, and its packet has {count(open(), 'open finding')}
          {text().trim() === '' ? '' : ' and what you write here'}. {props.run.id} stays as it is; the findings stay open, in both runs, until you settle them.
        </p>
        <Field label={open() === 0 ? 'What is to change' : 'One more finding, on the run as a whole (it may stay empty)'}>
          {(id) => <textarea id={id} rows={4} autofocus required={open() === 0} value={text()} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <Refusal error={act.error} title="It was refused" />
        <FormFoot twin={`request-changes ${props.run.id}${text().trim() === '' ? '' : ` ${shellWord(text().trim())}`}`} act="Start the run" isPending={act.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}
