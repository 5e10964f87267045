import { useNavigate } from '@solidjs/router'
import { Show } from 'solid-js'
import { createStore, unwrap } from 'solid-js/store'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Problem } from '../parts/problem.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { closeOverlay } from '../shell/overlay.ts'
import { emptyDraft, newTaskOf, type TaskDraft } from './task-draft.ts'
import { newTaskTwin } from './task-twin.ts'
import { TaskFields } from './task-fields.tsx'
import '../styles/form.css'

/** The dialog in which a task is written. */
export function NewTask() {
  const navigate = useNavigate()
  const [draft, setDraft] = createStore<TaskDraft>({ ...emptyDraft, branches: {}, scope: {} })
  const create = useAct(
    () => api.createTask(newTaskOf(unwrap(draft))),
    (task) => {
      closeOverlay()
      navigate(`/tasks/${task.id}`)
    },
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Dialog title="New task" class="wide" close={closeOverlay}>
      <form class="form" onSubmit={submit}>
        <h2>New task</h2>
        <TaskFields draft={draft} set={(change) => setDraft(change)} statuses={['ready', 'draft']} withDependencies />
        <Show when={create.error}>{(error) => <Problem error={error()} />}</Show>
        <FormFoot twin={newTaskTwin(draft)} act="Create task" isPending={create.isPending} close={closeOverlay} />
      </form>
    </Dialog>
  )
}
