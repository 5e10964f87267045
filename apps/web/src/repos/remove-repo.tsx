import type { RepoView } from '@signalbox/core'
import { Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Problem } from '../parts/problem.tsx'
import { Twin } from '../parts/twin.tsx'
import { Dialog } from '../shell/dialog.tsx'
import '../styles/form.css'

/** Asks whether a repo is to be forgotten. */
export function RemoveRepo(props: { readonly repo: RepoView['name']; readonly close: () => void }) {
  const remove = useAct(() => api.removeRepo(props.repo), props.close)
  return (
    <Dialog title={`Remove ${props.repo}?`} close={props.close}>
      <div class="form">
        <h2>Remove {props.repo}?</h2>
        <p>It is forgotten here: no task can name it any more. The repository itself, its branches and its files stay as they are, and so do the runs it had.</p>
        <Show when={remove.error}>{(error) => <Problem error={error()} />}</Show>
        <footer class="form-foot">
          <Twin args={`repo remove ${props.repo}`} />
          <span class="form-buttons">
            <button type="button" class="button" onClick={() => props.close()}>
              Keep it
            </button>
            <button type="button" class="button danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
              Remove {props.repo}
            </button>
          </span>
        </footer>
      </div>
    </Dialog>
  )
}
