import { A, useParams } from '@solidjs/router'
import { createSignal, For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Badge } from '../parts/badge.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { QuarantinedFiles } from '../parts/quarantined.tsx'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'
import { kindAt, type KindWords } from './kinds.ts'
import { NewRecord } from './new-record.tsx'
import { recordStanding } from './record-standing.ts'
import '../styles/list.css'

/** Every effort, decision or note. */
export function RecordsPage() {
  const params = useParams()
  return (
    <Show when={kindAt(params['kind'])} keyed>
      {(words) => <Listed words={words} />}
    </Show>
  )
}

function Listed(props: { readonly words: KindWords }) {
  const records = useQuery(() => queries.records(props.words.kind))
  const [writing, setWriting] = createSignal(false)
  const button = (
    <button type="button" class="button primary" onClick={() => setWriting(true)}>
      New {props.words.one}
    </button>
  )
  return (
    <Page title={props.words.title} actions={button}>
      <Answer query={records} what={props.words.path}>
        {(listed) => (
          <>
            <QuarantinedFiles files={listed().quarantined} />
            <Show when={listed().records.length > 0} fallback={<Empty title={`No ${props.words.one} yet.`}>{props.words.what}</Empty>}>
              <ul class="list">
                <For each={listed().records.toReversed()}>
                  {(record) => (
                    <li class="list-row">
                      <span class="muted">{record.id}</span>
                      <div class="list-text">
                        <A class="list-title" href={`/${props.words.path}/${record.id}`}>
                          {visible(record.title)}
                        </A>
                      </div>
                      <span class="list-states">
                        <For each={record.repos}>{(repo) => <span class="chip">{repo}</span>}</For>
                      </span>
                      <Show when={recordStanding(record)} fallback={<span />}>
                        {(standing) => <Badge standing={standing()} />}
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </>
        )}
      </Answer>
      <p class="list-foot">
        <Twin args={`${props.words.one} list`} />
      </p>
      <Show when={writing()}>
        <NewRecord words={props.words} close={() => setWriting(false)} />
      </Show>
    </Page>
  )
}
