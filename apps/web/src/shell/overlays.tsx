import { lazy, Match, Switch } from 'solid-js'
import { overlay } from './overlay.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const KeyHelp = lazy(async () => ({ default: (await import('./key-help.tsx')).KeyHelp }))
const NewTask = lazy(async () => ({ default: (await import('../task/new-task.tsx')).NewTask }))

/** What lies above the page, loaded when it is first asked for. */
export function Overlays() {
  return (
    <Switch>
      <Match when={overlay().kind === 'palette'}>
        <Palette />
      </Match>
      <Match when={overlay().kind === 'help'}>
        <KeyHelp />
      </Match>
      <Match when={overlay().kind === 'new_task'}>
        <NewTask />
      </Match>
    </Switch>
  )
}
