import { useNavigate } from '@solidjs/router'
import type { Isolation, NewRun, TaskView } from '@signalbox/core'
import { sayIsolation } from '@signalbox/core/words'
import { createSignal, For, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { quote } from '../words/shell-quote.ts'
import { targetsOf } from '../words/targets.ts'
import { visible } from '../words/untrusted.ts'
import '../styles/form.css'

/** The dialog that starts a run: who does it, and how long it may take. */
export function StartRun(props: { readonly task: TaskView; readonly close: () => void }) {
  const navigate = useNavigate()
  const agents = useQuery(() => queries.agents())
  const [agent, setAgent] = createSignal('demo')
  const [command, setCommand] = createSignal('')
  const [minutes, setMinutes] = createSignal('')
  const [isolation, setIsolation] = createSignal<Isolation>('private')
  const argv = () => (agent() === 'shell' ? ['sh', '-c', command()] : [])
  const request = (): NewRun => ({ agent: agent(), argv: argv(), isolation: isolation(), ...(minutes() === '' ? {} : { minutes: Number(minutes()) }) })
  const start = useAct(
    () => api.startRun(props.task.id, request()),
    (run) => navigate(`/runs/${run.id}`),
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    start.mutate()
  }
  const twin = () => `run ${props.task.id} --agent ${quote(agent())}${isolation() === 'private' ? '' : ` --isolation ${isolation()}`}${minutes() === '' ? '' : ` --minutes ${minutes()}`}${argv().length === 0 ? '' : ` -- ${argv().map(quote).join(' ')}`}`
  return (
    <Dialog title={`Start a run of ${props.task.id}`} close={props.close}>
      <form class="form" onSubmit={submit}>
        <h2>Start a run of {props.task.id}</h2>
        <p class="muted">
          It works in a workspace of its own; your checkouts are not touched. Its work lands on {targetsOf(props.task).join(', ')} only after you approved it.
        </p>
        <Field label="Agent">
          {(id) => (
            <select id={id} value={agent()} onChange={(event) => setAgent(event.currentTarget.value)}>
              <For each={agents.isSuccess ? agents.data.agents : [{ name: 'demo', summary: 'loading the list…' }]}>
                {({ name, summary }) => (
                  <option value={name} selected={name === agent()}>
                    {visible(name)}: {visible(summary)}
                  </option>
                )}
              </For>
            </select>
          )}
        </Field>
        <Show when={agent() === 'shell'}>
          <Field label="Command" hint="Run by sh in the workspace; its environment says where the packet is.">
            {(id) => <textarea id={id} rows={3} required value={command()} onInput={(event) => setCommand(event.currentTarget.value)} />}
          </Field>
        </Show>
        <Field label="Minutes it may take" hint="Empty: the limit of the memory repo.">
          {(id) => <input id={id} type="number" min="1" step="any" value={minutes()} onInput={(event) => setMinutes(event.currentTarget.value)} />}
        </Field>
        <Field label="Isolation" hint={sayIsolation(isolation())}>
          {(id) => (
            <select id={id} value={isolation()} onChange={(event) => setIsolation(isolationOf(event.currentTarget.value))}>
              <option value="private">private</option>
              <option value="linked">linked</option>
              <option value="sandbox">sandbox</option>
            </select>
          )}
        </Field>
        <Show when={start.error}>{(error) => <Problem error={error()} />}</Show>
        <FormFoot twin={twin()} act="Start the run" isPending={start.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}

function isolationOf(value: string): Isolation {
  return value === 'linked' || value === 'sandbox' ? value : 'private'
}
