import { useNavigate } from '@solidjs/router'
import type { Isolation, NewRun, SnapshotId, TaskView } from '@signalbox/core'
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
import { visible } from '../words/untrusted.ts'
import '../styles/form.css'

interface Props {
  readonly task: TaskView['id']
  /** Where its work lands, as people read it. */
  readonly targets: readonly string[]
  /** A snapshot to merge into the targets as they are now, for the agent to settle what conflicts. */
  readonly onto?: SnapshotId | undefined
  readonly close: () => void
}

/** The dialog that starts a run: who does it, and how long it may take. */
export function StartRun(props: Props) {
  const navigate = useNavigate()
  const agents = useQuery(() => queries.agents())
  const [agent, setAgent] = createSignal('demo')
  const [command, setCommand] = createSignal('')
  const [minutes, setMinutes] = createSignal('')
  const [isolation, setIsolation] = createSignal<Isolation>('private')
  const argv = () => (agent() === 'shell' ? ['sh', '-c', command()] : [])
  const request = (): NewRun => ({ agent: agent(), argv: argv(), isolation: isolation(), ...(props.onto === undefined ? {} : { from: props.onto, ontoTarget: true }), ...(minutes() === '' ? {} : { minutes: Number(minutes()) }) })
  const start = useAct(
    () => api.startRun(props.task, request()),
    (run) => navigate(`/runs/${run.id}`),
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    start.mutate()
  }
  const twin = () => `run ${props.task} --agent ${quote(agent())}${props.onto === undefined ? '' : ` --from ${props.onto} --onto-target`}${isolation() === 'private' ? '' : ` --isolation ${isolation()}`}${minutes() === '' ? '' : ` --minutes ${minutes()}`}${argv().length === 0 ? '' : ` -- ${argv().map(quote).join(' ')}`}`
  return (
    <Dialog title={`Start a run of ${props.task}`} close={props.close}>
      <form class="form" onSubmit={submit}>
        <h2>Start a run of {props.task}</h2>
        <p class="muted">
          It works in a workspace of its own; your checkouts are not touched. Its work lands on {props.targets.join(', ')} only after you approved it.
        </p>
        <Show when={props.onto}>
          {(snapshot) => <p>It begins on the targets as they are now, with the change of {snapshot()} merged in; its packet names what conflicts, and as long as any of that is left its round cannot land.</p>}
        </Show>
        <Field label="Agent">
          {(id) => (
            <select id={id} value={agent()} onChange={(event) => setAgent(event.currentTarget.value)}>
              <For each={agents.isSuccess ? agents.data.agents : [{ name: 'demo', summary: 'loading the list…', presence: null }]}>
                {({ name, summary, presence }) => (
                  <option value={name} selected={name === agent()} disabled={presence?.program === null}>
                    {visible(name)}: {presence?.program === null ? 'not installed' : visible(summary)}
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
              <Show when={props.onto === undefined}>
                <option value="linked">linked</option>
              </Show>
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
