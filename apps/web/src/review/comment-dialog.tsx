import type { RunId } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { visible } from '../words/untrusted.ts'
import type { CommentPlace } from './findings-desk.ts'
import { Refusal } from './refusal.tsx'
import { quote } from '../words/shell-quote.ts'
import '../styles/form.css'

interface Props {
  readonly run: RunId
  /** Number of the round that is looked at. */
  readonly round: number
  readonly at: CommentPlace | undefined
  readonly close: () => void
}

/** Opens a finding: on lines, a file, or the run as a whole. */
export function CommentDialog(props: Props) {
  const [text, setText] = createSignal('')
  const [side, setSide] = createSignal(props.at?.side ?? 'new')
  const [from, setFrom] = createSignal(String(props.at?.number ?? ''))
  const [to, setTo] = createSignal('')
  const place = () => (props.at === undefined ? 'the run as a whole' : `${props.at.repo}/${visible(props.at.path)}`)
  const title = () => `Comment on ${place()}`
  const at = () => {
    if (props.at === undefined) return {}
    const { repo, path } = props.at
    const first = numberOf(from())
    const last = numberOf(to())
    return { at: { repo, path, side: side(), ...(first === undefined ? {} : { from: first }), ...(first === undefined || last === undefined ? {} : { to: last }) } }
  }
  const act = useAct(
    () => api.comment(props.run, { text: text().trim(), round: props.round, ...at() }),
    () => props.close(),
  )
  const twin = (): string => {
    const lines = from() === '' ? '' : `:${from()}${to() === '' ? '' : `-${to()}`}`
    const where = props.at === undefined ? '' : ` --at ${quote(`${props.at.repo}:${props.at.path}${lines}`)}${side() === 'old' ? ' --side old' : ''}`
    return `comment ${props.run}.s${props.round}${where} ${quote(text().trim())}`
  }
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
        <Show when={props.at}>
          {(seen) => (
            <>
              <Show when={seen().text !== '' && from() === String(seen().number)}>
                <pre class="finding-lines">
                  <code>{visible(seen().text)}</code>
                </pre>
              </Show>
              <div class="comment-place">
                <Field label="First line">{(id) => <input id={id} type="number" min="1" value={from()} onInput={(event) => setFrom(event.currentTarget.value)} />}</Field>
                <Field label="Last line">{(id) => <input id={id} type="number" min="1" placeholder={from()} value={to()} onInput={(event) => setTo(event.currentTarget.value)} />}</Field>
                <Field label="Side">
                  {(id) => (
                    <select id={id} value={side()} onChange={(event) => setSide(event.currentTarget.value === 'old' ? 'old' : 'new')}>
                      <option value="new">as it would land</option>
                      <option value="old">as it was</option>
                    </select>
                  )}
                </Field>
              </div>
            </>
          )}
        </Show>
        <Field label="What you found" hint="It blocks approval and merge until somebody says that it was addressed or declined.">
          {(id) => <textarea id={id} rows={4} required autofocus value={text()} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <Refusal error={act.error} title="It was refused" />
        <FormFoot twin={twin()} act="Comment" isPending={act.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}

function numberOf(text: string): number | undefined {
  return text === '' ? undefined : Number(text)
}
