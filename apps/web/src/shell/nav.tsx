import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import { session } from '../session/session.ts'
import { visible } from '../words/untrusted.ts'
import { openOverlay } from './overlay.ts'
import { places } from './places.ts'

interface Props {
  /** Whether the list is unfolded; matters only where the screen is narrow. */
  readonly open: boolean
  readonly toggle: () => void
}

/** The way around: the product and its memory repo, the palette, every page. */
export function Nav(props: Props) {
  const identity = () => {
    const now = session()
    return now.kind === 'open' ? now.identity : undefined
  }
  return (
    <header class="side">
      <div class="side-top">
        <Show when={identity()}>
          {(known) => (
            <A href="/" class="brand" title={visible(known().memory.path)}>
              <span class="brand-name">{known().product}</span>
              <span class="brand-memory">{visible(known().memory.name)}</span>
            </A>
          )}
        </Show>
        <button type="button" class="button menu-button" aria-expanded={props.open} aria-controls="places" onClick={() => props.toggle()}>
          Menu
        </button>
      </div>
      <nav id="places" class="places" classList={{ open: props.open }} aria-label="Pages">
        <button type="button" class="jump" onClick={() => openOverlay('palette')} aria-keyshortcuts="Control+K Meta+K">
          <span>Go to or do…</span>
          <kbd>Ctrl K</kbd>
        </button>
        <ul>
          <For each={places}>
            {({ path, name, key }) => (
              <li>
                <A href={path} end={path === '/'} class="place" activeClass="here">
                  <span>{name}</span>
                  <kbd aria-hidden="true">g {key}</kbd>
                </A>
              </li>
            )}
          </For>
        </ul>
        <button type="button" class="place keys-button" onClick={() => openOverlay('help')} aria-keyshortcuts="?">
          <span>Keys</span>
          <kbd aria-hidden="true">?</kbd>
        </button>
      </nav>
    </header>
  )
}
