import { createSignal, Show, type JSX } from 'solid-js'
import { useAct } from '../api/act.ts'
import { Twin } from '../parts/twin.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { Refusal } from './refusal.tsx'

interface Props {
  readonly title: string
  /** What it does, before it does it. */
  readonly children: JSX.Element
  readonly confirm: string
  /** Whether a reason may be given, and what it is asked for as. */
  readonly reason?: string
  /** Whether it has to be given; absent: it may stay empty. */
  readonly reasonNeeded?: boolean
  /** The same act on the command line, without the program's name. */
  readonly twin: (because: string) => string
  readonly act: (because: string) => Promise<unknown>
  readonly close: () => void
}

/** Asks before an act that is not taken back lightly; what refused it is shown here, with what was typed. */
export function ActDialog(props: Props) {
  const [because, setBecause] = createSignal('')
  const act = useAct(
    () => props.act(because().trim()),
    () => props.close(),
  )
  return (
    <Dialog title={props.title} close={props.close}>
      <form
        class="act-form"
        onSubmit={(event) => {
          event.preventDefault()
          act.mutate()
        }}
      >
        <h2>{props.title}</h2>
        {props.children}
        <Show when={props.reason}>
          {(label) => (
            <label class="field">
              {label()}
              <textarea autofocus rows="3" required={props.reasonNeeded === true} value={because()} onInput={(event) => setBecause(event.currentTarget.value)} />
            </label>
          )}
        </Show>
        <p class="twin-line">
          <Twin args={props.twin(because().trim())} />
        </p>
        <Refusal error={act.error} title="It was refused" />
        <div class="dialog-actions">
          <button type="button" class="button" autofocus={props.reason === undefined} onClick={() => props.close()}>
            Cancel
          </button>
          <button type="submit" class="button danger" disabled={act.isPending}>
            {props.confirm}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
