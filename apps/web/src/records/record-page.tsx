import { A, useParams } from '@solidjs/router'
import type { Decision, Effort, Note } from '@signalbox/core'
import { For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Facts } from '../parts/facts.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { PageAnswer } from '../parts/page-answer.tsx'
import { Page } from '../parts/page.tsx'
import { RecordLink, RecordLinks } from '../parts/record-link.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { taskStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { kindAt, type KindWords } from './kinds.ts'
import { recordStanding } from './record-standing.ts'
import '../styles/handoff.css'

/** One effort, decision or note. */
export function RecordPage() {
  const params = useParams()
  return (
    <Show when={`${params['kind']}/${params['id']}`} keyed>
      <Show when={kindAt(params['kind'])} keyed>
        {(words) => <Read words={words} id={params['id'] ?? ''} />}
      </Show>
    </Show>
  )
}

function Read(props: { readonly words: KindWords; readonly id: string }) {
  const record = useQuery(() => queries.record(props.words.kind, props.id))
  return (
    <PageAnswer query={record} id={props.id}>
      {(known) => <Known record={known()} words={props.words} />}
    </PageAnswer>
  )
}

function Known(props: { readonly record: Effort | Decision | Note; readonly words: KindWords }) {
  const effort = () => ('effort' in props.record ? props.record.effort : undefined)
  const date = () => ('date' in props.record ? props.record.date : undefined)
  return (
    <Page
      title={visible(props.record.title)}
      id={props.record.id}
      beside={<Show when={recordStanding(props.record)}>{(standing) => <Badge standing={standing()} />}</Show>}
      actions={<Twin args={`${props.words.one} show ${props.record.id}`} />}
    >
      <div class="handoff">
        <Section title="Text">
          <Show when={props.record.body.trim() !== ''} fallback={<p class="muted">It says no more than its title.</p>}>
            <Markdown text={props.record.body} />
          </Show>
        </Section>
        <Show when={props.words.kind === 'effort'}>
          <TasksOf effort={props.record.id} />
        </Show>
        <Section title="About it">
          <Facts
            rows={[
              ['Date', date() === undefined ? undefined : visible(date() ?? '')],
              ['Repos', props.record.repos.length === 0 ? undefined : props.record.repos.join(', ')],
              ['Effort', effort() === undefined ? undefined : <RecordLink id={effort() ?? ''} />],
              ['Links', props.record.links.length === 0 ? undefined : <RecordLinks ids={props.record.links} />],
              ['File', <code>{visible(props.record.path)}</code>],
            ]}
          />
        </Section>
      </div>
    </Page>
  )
}

/** The tasks of an effort, and how they stand. */
function TasksOf(props: { readonly effort: string }) {
  const tasks = useQuery(() => queries.tasks())
  return (
    <Section title="Its tasks">
      <Answer query={tasks} what="tasks">
        {(listed) => (
          <ul class="changed">
            <For each={listed().tasks.filter((task) => task.effort === props.effort)} fallback={<li class="muted">No task names it yet.</li>}>
              {(task) => (
                <li>
                  <Badge standing={taskStanding(task.status)} /> <span class="muted">{task.id}</span> <A href={`/tasks/${task.id}`}>{visible(task.title)}</A>
                </li>
              )}
            </For>
          </ul>
        )}
      </Answer>
    </Section>
  )
}
