import { hasCode } from '@signalbox/api/client'
import type { TaskView } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { createStore, reconcile, unwrap } from 'solid-js/store'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Problem } from '../parts/problem.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { BothVersions } from './both-versions.tsx'
import { changesBetween, draftOf, findClashes, type TaskDraft } from './task-draft.ts'
import { editTaskTwin } from './task-twin.ts'
import { TaskFields } from './task-fields.tsx'
import '../styles/form.css'

const statuses = ['draft', 'ready', 'active', 'review', 'blocked', 'done', 'dropped'] as const

/** The dialog in which a task is changed. It writes only on the bytes it was opened on; else both versions are shown. */
export function EditTask(props: { readonly task: TaskView; readonly close: () => void }) {
  // What the form was opened on: later answers of the server do not change it under the human's hands.
  const [base, setBase] = createSignal<TaskView>(structuredClone(unwrap(props.task)))
  const [theirs, setTheirs] = createSignal<TaskView>()
  const [draft, setDraft] = createStore<TaskDraft>(draftOf(base()))
  const clashes = (now: TaskView) => findClashes({ base: draftOf(base()), mine: draft, theirs: draftOf(now) })
  /** Writes what the human changed, and nothing else, on the file with this hash. */
  const save = useAct(async (hash: string) => {
    const changes = changesBetween(draftOf(base()), unwrap(draft))
    if (Object.keys(changes).length === 0) return
    try {
      await api.editTask(props.task.id, { ...changes, expect: hash })
    } catch (error) {
      if (!hasCode(error, 'record.changed_underneath')) throw error
      const now = await api.readTask(props.task.id)
      if (clashes(now).length > 0) {
        setTheirs(now)
        throw error
      }
      // Somebody changed other fields: both changes stand.
      await api.editTask(props.task.id, { ...changes, expect: now.hash })
    }
  }, props.close)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    setTheirs(undefined)
    save.mutate(base().hash)
  }
  const take = (task: TaskView): void => {
    setBase(task)
    setDraft(reconcile(draftOf(task)))
    setTheirs(undefined)
    save.reset()
  }
  return (
    <Dialog title={`Edit ${props.task.id}`} class="wide" close={props.close}>
      <form class="form" onSubmit={submit}>
        <h2>Edit {props.task.id}</h2>
        <TaskFields draft={draft} set={(change) => setDraft(change)} statuses={statuses} withDependencies={false} />
        <Show when={theirs()}>
          {(now) => <BothVersions differences={clashes(now())} takeTheirs={() => take(now())} keepMine={() => save.mutate(now().hash)} />}
        </Show>
        <Show when={theirs() === undefined ? save.error : null}>{(error) => <Problem error={error()} />}</Show>
        <FormFoot twin={editTaskTwin(props.task.id, changesBetween(draftOf(base()), draft))} act="Save" isPending={save.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}
