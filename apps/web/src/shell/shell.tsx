import { useLocation, useNavigate, type RouteSectionProps } from '@solidjs/router'
import { createEffect, createSignal, on } from 'solid-js'
import { followLive } from '../api/live.ts'
import { Away } from './away.tsx'
import type { KeyAct } from './keys.ts'
import { Nav } from './nav.tsx'
import { noteNavigation } from './navigated.ts'
import { openOverlay } from './overlay.ts'
import { Overlays } from './overlays.tsx'
import { useKeys } from './use-keys.ts'

/**
 * What every page has around it: the way around, the keyboard, what the connection does. There is no Suspense around pages:
 * it takes them out of the document for a moment whenever something is asked again, and with that the focus, the selection
 * and any open dialog.
 */
export function Shell(props: RouteSectionProps) {
  const navigate = useNavigate()
  const location = useLocation()
  const [menu, setMenu] = createSignal(false)
  followLive()
  useKeys((asked) => act(asked, navigate))
  createEffect(
    on(
      () => location.pathname,
      () => {
        noteNavigation()
        setMenu(false)
      },
      { defer: true },
    ),
  )
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={focusMain}>
        Skip to content
      </a>
      <Nav open={menu()} toggle={() => setMenu(!menu())} />
      <main id="main" tabindex="-1">
        <Away />
        {props.children}
      </main>
      <Overlays />
    </div>
  )
}

function act(asked: KeyAct, navigate: (path: string) => void): void {
  switch (asked.kind) {
    case 'go':
      return navigate(asked.path)
    case 'search':
      return navigate('/search')
    case 'palette':
    case 'help':
    case 'new_task':
      return openOverlay(asked.kind)
    default:
      return asked satisfies never
  }
}

/** Moves the focus past the navigation; the address stays, for a fragment in it is where one-time codes come. */
function focusMain(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
