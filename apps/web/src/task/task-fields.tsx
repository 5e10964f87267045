import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Field } from '../parts/field.tsx'
import { visible } from '../words/untrusted.ts'
import { RepoFields } from './repo-fields.tsx'
import type { TaskDraft } from './task-draft.ts'

interface Props {
  readonly draft: TaskDraft
  readonly set: (change: Partial<TaskDraft>) => void
  readonly statuses: readonly TaskDraft['status'][]
  /** Whether it may say which tasks come first: only when it is made. */
  readonly withDependencies: boolean
}

/** Every field of a task that a human writes. */
export function TaskFields(props: Props) {
  const efforts = useQuery(() => queries.records('effort'))
  const effortsNow = () => (efforts.isSuccess ? efforts.data.records : [])
  return (
    <>
      <Field label="Title">{(id) => <input id={id} required maxLength={300} autocomplete="off" autofocus value={props.draft.title} onInput={(event) => props.set({ title: event.currentTarget.value })} />}</Field>
      <Field label="What and why" hint="Markdown. A list under “## Acceptance” says when it is done.">
        {(id) => <textarea id={id} rows={9} value={props.draft.body} onInput={(event) => props.set({ body: event.currentTarget.value })} />}
      </Field>
      <RepoFields draft={props.draft} set={props.set} />
      <div class="field-row">
        <Field label="Status">
          {(id) => (
            <select id={id} value={props.draft.status} onChange={(event) => props.set({ status: props.statuses.find((one) => one === event.currentTarget.value) ?? props.draft.status })}>
              <For each={props.statuses}>{(status) => <option value={status}>{status}</option>}</For>
            </select>
          )}
        </Field>
        <Field label="Priority">
          {(id) => (
            <select id={id} value={props.draft.priority} onChange={(event) => props.set({ priority: Number(event.currentTarget.value) })}>
              <For each={['1 (highest)', '2', '3', '4']}>{(name, at) => <option value={at() + 1}>{name}</option>}</For>
            </select>
          )}
        </Field>
        <Field label="Effort">
          {(id) => (
            <select id={id} value={props.draft.effort} onChange={(event) => props.set({ effort: event.currentTarget.value })}>
              <option value="">none</option>
              <For each={effortsNow()}>
                {(effort) => (
                  <option value={effort.id} selected={effort.id === props.draft.effort}>
                    {effort.id} {visible(effort.title)}
                  </option>
                )}
              </For>
            </select>
          )}
        </Field>
      </div>
      <div class="field-row">
        <Field label="Labels">{(id) => <input id={id} placeholder="worktrees, api" autocomplete="off" value={props.draft.labels} onInput={(event) => props.set({ labels: event.currentTarget.value })} />}</Field>
        <Field label="Links">{(id) => <input id={id} placeholder="D0031, N0088" autocomplete="off" value={props.draft.links} onInput={(event) => props.set({ links: event.currentTarget.value })} />}</Field>
        <Show when={props.withDependencies}>
          <Field label="Depends on">{(id) => <input id={id} placeholder="T0140" autocomplete="off" value={props.draft.dependsOn} onInput={(event) => props.set({ dependsOn: event.currentTarget.value })} />}</Field>
        </Show>
      </div>
    </>
  )
}
