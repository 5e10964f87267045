import { useSearchParams } from '@solidjs/router'
import type { SearchResult } from '@signalbox/core'
import { createSignal, For, onCleanup, onMount, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { RecordLink } from '../parts/record-link.tsx'
import { Twin } from '../parts/twin.tsx'
import { quote } from '../words/shell-quote.ts'
import { visible } from '../words/untrusted.ts'
import '../styles/form.css'
import '../styles/list.css'

/** Milliseconds after the last key before it is searched. */
const patience = 150

/** Finds records by their words; what is searched for is in the address. */
export function SearchPage() {
  const [search, setSearch] = useSearchParams()
  const asked = () => (typeof search['q'] === 'string' ? search['q'] : '')
  const [text, setText] = createSignal(asked())
  const results = useQuery(() => queries.search(asked()))
  let timer: ReturnType<typeof setTimeout> | undefined
  onCleanup(() => clearTimeout(timer))
  const type = (value: string): void => {
    setText(value)
    clearTimeout(timer)
    timer = setTimeout(() => setSearch({ q: value.trim() === '' ? undefined : value }, { replace: true }), patience)
  }
  return (
    <Page title="Search" actions={<Twin args={`search ${quote(text() === '' ? 'QUERY' : text())}`} />}>
      <form class="search-field" role="search" onSubmit={(event) => event.preventDefault()}>
        <input ref={(field) => onMount(() => field.focus())} type="search" aria-label="Words to find" placeholder="Words in tasks, decisions, notes, efforts and handoffs" autocomplete="off" value={text()} onInput={(event) => type(event.currentTarget.value)} />
      </form>
      <Show when={asked() !== ''} fallback={<p class="muted">Type a word.</p>}>
        <Answer query={results} what="what matches">
          {(found) => (
            <div role="status" aria-live="polite">
              <Show when={found().results.length > 0} fallback={<Empty title="Nothing found.">No record has these words.</Empty>}>
                <ul class="list">
                  <For each={found().results}>{(result) => <ResultRow result={result} />}</For>
                </ul>
              </Show>
            </div>
          )}
        </Answer>
      </Show>
    </Page>
  )
}

function ResultRow(props: { readonly result: SearchResult }) {
  return (
    <li class="list-row">
      <RecordLink id={props.result.id} />
      <div class="list-text">
        <span class="list-title">
          <RecordLink id={props.result.id} text={visible(props.result.title)} />
        </span>
        <span class="muted">{visible(props.result.snippet)}</span>
      </div>
      <span class="chip">{props.result.kind}</span>
      <span />
    </li>
  )
}
