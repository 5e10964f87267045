import { useNavigate } from '@solidjs/router'
import { createSignal, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { FormFoot } from '../parts/form-foot.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { quote } from '../words/shell-quote.ts'
import type { KindWords } from './kinds.ts'
import '../styles/form.css'

/** The dialog in which an effort, decision or note is written. */
export function NewRecord(props: { readonly words: KindWords; readonly close: () => void }) {
  const navigate = useNavigate()
  const [title, setTitle] = createSignal('')
  const [body, setBody] = createSignal('')
  const [repos, setRepos] = createSignal('')
  const [links, setLinks] = createSignal('')
  const words = (text: string): string[] => text.split(/[,\s]+/).filter((word) => word !== '')
  const create = useAct(
    () => api.createRecord(props.words.kind, { title: title(), body: body(), repos: words(repos()), links: words(links()) }),
    (record) => {
      props.close()
      navigate(`/${props.words.path}/${record.id}`)
    },
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Dialog title={`New ${props.words.one}`} class="wide" close={props.close}>
      <form class="form" onSubmit={submit}>
        <h2>New {props.words.one}</h2>
        <Field label="Title">{(id) => <input id={id} required maxLength={300} autocomplete="off" autofocus value={title()} onInput={(event) => setTitle(event.currentTarget.value)} />}</Field>
        <Field label="Text" hint="Markdown.">
          {(id) => <textarea id={id} rows={9} value={body()} onInput={(event) => setBody(event.currentTarget.value)} />}
        </Field>
        <div class="field-row">
          <Field label="Repos it is about">{(id) => <input id={id} autocomplete="off" placeholder="api, web" value={repos()} onInput={(event) => setRepos(event.currentTarget.value)} />}</Field>
          <Field label="Links">{(id) => <input id={id} autocomplete="off" placeholder="D0031, T0001" value={links()} onInput={(event) => setLinks(event.currentTarget.value)} />}</Field>
        </div>
        <Show when={create.error}>{(error) => <Problem error={error()} />}</Show>
        <FormFoot twin={`${props.words.one} new ${quote(title() === '' ? 'TITLE' : title())}`} act={`Create ${props.words.one}`} isPending={create.isPending} close={() => props.close()} />
      </form>
    </Dialog>
  )
}
