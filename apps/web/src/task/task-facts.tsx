import type { TaskView } from '@signalbox/core'
import { For } from 'solid-js'
import { Facts } from '../parts/facts.tsx'
import { RecordLink, RecordLinks } from '../parts/record-link.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { targetsOf } from '../words/targets.ts'
import { visible } from '../words/untrusted.ts'

/** Where a task lands, what it keeps to, what it belongs to, and the file it is. */
export function TaskFacts(props: { readonly task: TaskView }) {
  const targets = () => targetsOf(props.task)
  const scope = () => Object.entries(props.task.scope ?? {}).map(([repo, globs]) => `${repo}: ${globs.map(visible).join(', ')}`)
  const ids = (all: readonly string[]) => (all.length === 0 ? undefined : <RecordLinks ids={all} />)
  return (
    <Section title="The task" class="about">
      <Facts
        rows={[
          ['Lands on', targets().length === 0 ? 'no repo yet' : <Lines of={targets()} />],
          ['Scope', scope().length === 0 ? undefined : <Lines of={scope()} />],
          ['Effort', props.task.effort === undefined ? undefined : <RecordLink id={props.task.effort} />],
          ['Depends on', ids(props.task.dependsOn)],
          ['Priority', `${props.task.priority} of 4`],
          ['Labels', props.task.labels.length === 0 ? undefined : props.task.labels.map(visible).join(', ')],
          ['Links', ids(props.task.links)],
          ['File', <code>{visible(props.task.path)}</code>],
        ]}
      />
      <Twin args={`task show ${props.task.id}`} />
    </Section>
  )
}

function Lines(props: { readonly of: readonly string[] }) {
  return <For each={props.of}>{(line) => <div>{line}</div>}</For>
}
