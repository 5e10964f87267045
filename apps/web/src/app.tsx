import { Route, Router } from '@solidjs/router'
import { lazy, Match, Switch } from 'solid-js'
import { BoardPage } from './board/board-page.tsx'
import { LockedPage } from './session/locked-page.tsx'
import { session } from './session/session.ts'
import { NotFoundPage } from './shell/not-found-page.tsx'
import { Shell } from './shell/shell.tsx'
import { Starting } from './shell/starting.tsx'

const TaskPage = lazy(async () => ({ default: (await import('./task/task-page.tsx')).TaskPage }))
const RunsPage = lazy(async () => ({ default: (await import('./run/runs-page.tsx')).RunsPage }))
const RunPage = lazy(async () => ({ default: (await import('./run/run-page.tsx')).RunPage }))
const ReviewPage = lazy(async () => ({ default: (await import('./review/review-page.tsx')).ReviewPage }))
const HandoffsPage = lazy(async () => ({ default: (await import('./handoffs/handoffs-page.tsx')).HandoffsPage }))
const HandoffPage = lazy(async () => ({ default: (await import('./handoffs/handoff-page.tsx')).HandoffPage }))
const SearchPage = lazy(async () => ({ default: (await import('./search/search-page.tsx')).SearchPage }))
const RecordsPage = lazy(async () => ({ default: (await import('./records/records-page.tsx')).RecordsPage }))
const RecordPage = lazy(async () => ({ default: (await import('./records/record-page.tsx')).RecordPage }))
const ReposPage = lazy(async () => ({ default: (await import('./repos/repos-page.tsx')).ReposPage }))
const DoctorPage = lazy(async () => ({ default: (await import('./doctor/doctor-page.tsx')).DoctorPage }))
const ReferencePage = lazy(async () => ({ default: (await import('./reference/reference-page.tsx')).ReferencePage }))

/** Everything on the page: what is shown depends first on whether we are let in, then on the address. */
export function App() {
  return (
    <Switch fallback={<Starting />}>
      <Match when={session().kind === 'locked'}>
        <LockedPage />
      </Match>
      <Match when={session().kind === 'open'}>
        <Router root={Shell}>
          <Route path="/" component={BoardPage} />
          <Route path="/tasks/:id" matchFilters={{ id: /^T\d{4,}$/ }} component={TaskPage} />
          <Route path="/runs" component={RunsPage} />
          <Route path="/runs/:id" matchFilters={{ id: /^R\d{4,}$/ }} component={RunPage} />
          <Route path="/runs/:id/review" matchFilters={{ id: /^R\d{4,}$/ }} component={ReviewPage} />
          <Route path="/handoffs" component={HandoffsPage} />
          <Route path="/handoffs/:id" matchFilters={{ id: /^H\d{4,}$/ }} component={HandoffPage} />
          <Route path="/search" component={SearchPage} />
          <Route path="/:kind" matchFilters={{ kind: ['efforts', 'decisions', 'notes'] }} component={RecordsPage} />
          <Route path="/:kind/:id" matchFilters={{ kind: ['efforts', 'decisions', 'notes'], id: /^[EDN]\d{3,}$/ }} component={RecordPage} />
          <Route path="/repos" component={ReposPage} />
          <Route path="/doctor" component={DoctorPage} />
          <Route path="/reference" component={ReferencePage} />
          <Route path="*" component={NotFoundPage} />
        </Router>
      </Match>
    </Switch>
  )
}
