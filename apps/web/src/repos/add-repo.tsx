import type { NewRepo } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { quote } from '../words/shell-quote.ts'
import { readChecks } from './read-checks.ts'
import '../styles/form.css'

/** The dialog in which a source repository is registered. */
export function AddRepo(props: { readonly close: () => void }) {
  const [path, setPath] = createSignal('')
  const [name, setName] = createSignal('')
  const [branch, setBranch] = createSignal('')
  const [setup, setSetup] = createSignal('')
  const [checks, setChecks] = createSignal('')
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const request = (): NewRepo => ({
    path: path(),
    name: name(),
    ...(branch() === '' ? {} : { baseBranch: branch() }),
    ...(setup() === '' ? {} : { setup: lines(setup()) }),
    ...(checks() === '' ? {} : { checks: readChecks(checks()) }),
  })
  const add = useAct(() => api.addRepo(request()), props.close)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    add.mutate()
  }
  const twin = () => ['repo add', quote(path() === '' ? 'PATH' : path()), '--name', quote(name() === '' ? 'NAME' : name()), ...(branch() === '' ? [] : ['--base-branch', quote(branch())]), ...lines(checks()).map((line) => `--check ${quote(line)}`)].join(' ')
  return (
    <Dialog title="Add a repo" class="wide" close={props.close}>
      <form class="form" onSubmit={submit}>
        <h2>Add a repo</h2>
        <Field label="Path on this machine" hint="The folder of a git repository with at least one commit. It is read, never changed.">
          {(id) => <input id={id} required autocomplete="off" autofocus placeholder="/home/you/src/api" value={path()} onInput={(event) => setPath(event.currentTarget.value)} />}
        </Field>
        <div class="field-row">
          <Field label="Name" hint="Records use it: a-z, 0-9 and -.">
            {(id) => <input id={id} required autocomplete="off" placeholder="api" value={name()} onInput={(event) => setName(event.currentTarget.value)} />}
          </Field>
          <Field label="Work lands on" hint="Empty: main where there is one, else the branch it is on now.">
            {(id) => <input id={id} autocomplete="off" placeholder="main" value={branch()} onInput={(event) => setBranch(event.currentTarget.value)} />}
          </Field>
        </div>
        <Field label="Set-up commands" hint="One a line; run in a fresh checkout before an agent or a check.">
          {(id) => <textarea id={id} rows={2} placeholder="npm ci" value={setup()} onInput={(event) => setSetup(event.currentTarget.value)} />}
        </Field>
        <Field label="Checks" hint="One a line, name=command; run on exactly the sealed work. A red or missing one blocks the landing.">
          {(id) => <textarea id={id} rows={2} placeholder="test=npm test" value={checks()} onInput={(event) => setChecks(event.currentTarget.value)} />}
        </Field>
        <Show when={add.error}>{(error) => <Problem error={error()} />}</Show>
        <FormFoot twin={twin()} act="Add the repo" isPending={add.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}
