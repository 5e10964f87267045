import type { TaskView } from '@signalbox/core'
import { Show } from 'solid-js'
import { Markdown } from '../parts/markdown.tsx'
import { Section } from '../parts/section.tsx'

/** What is wanted, in the author's words. */
export function TaskText(props: { readonly task: TaskView }) {
  return (
    <Section title="What" class="what">
      <Show when={props.task.body.trim() !== ''} fallback={<p class="muted">The task says no more than its title.</p>}>
        <Markdown text={props.task.body} />
      </Show>
    </Section>
  )
}
