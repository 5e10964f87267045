import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Field } from '../parts/field.tsx'
import { visible } from '../words/untrusted.ts'
import type { TaskDraft } from './task-draft.ts'

/** Which repos a task changes, and for each where it lands and what it keeps to. */
export function RepoFields(props: { readonly draft: TaskDraft; readonly set: (change: Partial<TaskDraft>) => void }) {
  const repos = useQuery(() => queries.repos())
  const known = () => (repos.isSuccess ? repos.data.repos : [])
  const defaultOf = (name: string): string => known().find((repo) => repo.name === name)?.baseBranch ?? ''
  const choose = (name: string, chosen: boolean): void => props.set({ repos: chosen ? [...props.draft.repos, name] : props.draft.repos.filter((one) => one !== name) })
  return (
    <fieldset class="repo-fields">
      <legend>Repos it changes</legend>
      <div class="choices">
        <For each={known()} fallback={<p class="muted">{repos.isSuccess ? 'No repo is registered yet. ' : 'Looking…'}{repos.isSuccess ? <A href="/repos">Register one</A> : null}</p>}>
          {(repo) => (
            <label class="choice">
              <input type="checkbox" checked={props.draft.repos.includes(repo.name)} onChange={(event) => choose(repo.name, event.currentTarget.checked)} /> {repo.name}
            </label>
          )}
        </For>
      </div>
      <For each={props.draft.repos}>
        {(name) => (
          <div class="field-row">
            <Field label={`${name} lands on`}>
              {(id) => <input id={id} autocomplete="off" placeholder={visible(defaultOf(name))} value={props.draft.branches[name] ?? ''} onInput={(event) => props.set({ branches: { ...props.draft.branches, [name]: event.currentTarget.value } })} />}
            </Field>
            <Field label={`Scope in ${name}`} hint="Globs, one a line; empty: anywhere.">
              {(id) => <textarea id={id} rows={2} placeholder="src/**" value={props.draft.scope[name] ?? ''} onInput={(event) => props.set({ scope: { ...props.draft.scope, [name]: event.currentTarget.value } })} />}
            </Field>
          </div>
        )}
      </For>
      <Show when={repos.isError}>
        <p class="muted">The repos could not be read.</p>
      </Show>
    </fieldset>
  )
}
