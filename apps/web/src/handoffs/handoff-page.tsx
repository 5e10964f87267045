import { useParams } from '@solidjs/router'
import type { Handoff, HandoffId } from '@signalbox/core'
import { Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Facts } from '../parts/facts.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { PageAnswer } from '../parts/page-answer.tsx'
import { Page } from '../parts/page.tsx'
import { RecordLink } from '../parts/record-link.tsx'
import { Section } from '../parts/section.tsx'
import { Time } from '../parts/time.tsx'
import { Twin } from '../parts/twin.tsx'
import { handoffIdOf } from '../words/ids.ts'
import { visible } from '../words/untrusted.ts'
import { Evidence } from './evidence.tsx'
import '../styles/handoff.css'

/** One handoff: what was done, the evidence with claims marked as claims, what stands in the way, what is next. */
export function HandoffPage() {
  const params = useParams()
  return (
    <Show when={handoffIdOf(params['id'])} keyed>
      {(id) => <Read id={id} />}
    </Show>
  )
}

function Read(props: { readonly id: HandoffId }) {
  const handoff = useQuery(() => queries.handoff(props.id))
  return (
    <PageAnswer query={handoff} id={props.id}>
      {(known) => <Known handoff={known()} />}
    </PageAnswer>
  )
}

function Known(props: { readonly handoff: Handoff }) {
  return (
    <Page title={`of ${props.handoff.task}`} id={props.handoff.id} actions={<Twin args={`handoff show ${props.handoff.id}`} />}>
      <div class="handoff">
        <Section title="What was done">
          <Markdown text={props.handoff.what} />
        </Section>
        <Show when={props.handoff.blocker}>
          {(blocker) => (
            <Section title="What stands in the way" class="blocking">
              <Markdown text={blocker()} />
            </Section>
          )}
        </Show>
        <Section title="Next">
          <Markdown text={props.handoff.next} />
        </Section>
        <Evidence evidence={props.handoff.evidence} />
        <Show when={props.handoff.body.trim() !== ''}>
          <Section title="More">
            <Markdown text={props.handoff.body} />
          </Section>
        </Show>
        <Section title="Where it comes from">
          <Facts
            rows={[
              ['Task', <RecordLink id={props.handoff.task} />],
              ['Run', props.handoff.run === undefined ? undefined : <RecordLink id={props.handoff.run} />],
              ['By', visible(props.handoff.by)],
              ['Written', <Time at={props.handoff.at} />],
              ['File', <code>{visible(props.handoff.path)}</code>],
            ]}
          />
        </Section>
      </div>
    </Page>
  )
}
