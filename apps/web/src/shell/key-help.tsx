import { Dialog } from './dialog.tsx'
import { closeOverlay } from './overlay.ts'
import { places } from './places.ts'
import { KeyList } from '../parts/key-list.tsx'

const others = [
  ['Ctrl K', 'Go anywhere, do anything'],
  ['/', 'Search'],
  ['c', 'New task'],
  ['?', 'This list'],
  ['Esc', 'Close what is open'],
] as const

/** Lists every key of the page. */
export function KeyHelp() {
  const rows = [...others, ...places.map(({ key, name }) => [`g ${key}`, name] as const)]
  return (
    <Dialog title="Keys" close={closeOverlay}>
      <header class="dialog-head">
        <h2>Keys</h2>
        <button type="button" class="button" onClick={closeOverlay}>
          Close
        </button>
      </header>
      <KeyList keys={rows} />
      <p class="muted">On a Mac, ⌘ K does what Ctrl K does.</p>
    </Dialog>
  )
}
