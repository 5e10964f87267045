import { useNavigate } from '@solidjs/router'
import { createMemo, createSignal, createUniqueId, For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { visible } from '../words/untrusted.ts'
import { Dialog } from './dialog.tsx'
import { closeOverlay, openOverlay } from './overlay.ts'
import { findEntries, type Entry } from './palette-entries.ts'
import { places } from './places.ts'
import '../styles/palette.css'

/** Goes anywhere and does anything by typing a few letters of it. */
export function Palette() {
  const navigate = useNavigate()
  const tasks = useQuery(() => queries.tasks())
  const runs = useQuery(() => queries.runs())
  const [text, setText] = createSignal('')
  const [at, setAt] = createSignal(0)
  const list = createUniqueId()
  const entries = createMemo((): readonly Entry[] => [
    { name: 'New task', detail: 'c', act: () => openOverlay('new_task') },
    ...places.map(({ name, key, path }) => ({ name, detail: `g ${key}`, act: () => go(path) })),
    { name: 'Keys', detail: '?', act: () => openOverlay('help') },
    ...(tasks.isSuccess ? tasks.data.tasks.toReversed().map(({ id, title, status }) => ({ name: `${id} ${visible(title)}`, detail: status, act: () => go(`/tasks/${id}`) })) : []),
    ...(runs.isSuccess ? runs.data.runs.toReversed().map(({ id, task, state, outcome }) => ({ name: `${id} of ${task}`, detail: outcome ?? state, act: () => go(`/runs/${id}`) })) : []),
  ])
  const found = createMemo(() => {
    const some = findEntries(entries(), text())
    return text().trim() === '' ? some : [...some, { name: `Search for “${text()}”`, detail: 'search', act: () => go(`/search?q=${encodeURIComponent(text())}`) }]
  })
  const go = (path: string): void => {
    closeOverlay()
    navigate(path)
  }
  const move = (by: number): void => {
    setAt((now) => (now + by + found().length) % found().length)
    document.getElementById(`${list}-${at()}`)?.scrollIntoView({ block: 'nearest' })
  }
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      move(event.key === 'ArrowDown' ? 1 : -1)
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault()
      found()[at()]?.act()
    }
  }
  const type = (value: string): void => {
    setText(value)
    setAt(0)
  }
  return (
    <Dialog title="Go to or do" class="palette" close={closeOverlay}>
      <input
        role="combobox"
        aria-label="Go to or do"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={`${list}-${at()}`}
        aria-autocomplete="list"
        autocomplete="off"
        autofocus
        placeholder="A page, a task, a run, words…"
        value={text()}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={press}
      />
      <ul role="listbox" id={list} aria-label="What matches">
        <For each={found()}>
          {(entry, index) => (
            <li id={`${list}-${index()}`} role="option" aria-selected={index() === at()} onMouseMove={() => setAt(index())} onClick={() => entry.act()}>
              <span>{entry.name}</span>
              <Show when={entry.detail !== ''}>
                <span class="muted">{entry.detail}</span>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  )
}
